import type { MessageFilter, Passed } from "./pipe.ts";

/** The length of the message at the beginning of the buffer; null: it is not complete. */
type Framing = (buffer: Buffer) => number | null;

/** A type byte and a length that counts itself, as a PostgreSQL server sends. */
const postgres: Framing = (buffer) => {
  if (buffer.length < 5) return null;
  const length = 1 + buffer.readUInt32BE(1);
  return buffer.length < length ? null : length;
};

/** A reply of Redis, RESP 2 or 3. */
const redis: Framing = (buffer) => {
  const end = replyEnd(buffer, 0);
  return end === null || end > buffer.length ? null : end;
};

function replyEnd(buffer: Buffer, at: number): number | null {
  const line = buffer.indexOf("\r\n", at);
  if (line < 0) return null;
  const size = Number(buffer.toString("latin1", at + 1, line));
  switch (String.fromCharCode(buffer[at] ?? 0)) {
    case "$":
    case "=":
      return size < 0 ? line + 2 : line + 2 + size + 2;
    case "*":
    case ">":
    case "~":
      return repliesEnd(buffer, line + 2, size);
    case "%":
      return repliesEnd(buffer, line + 2, size * 2);
    default:
      return line + 2;
  }
}

function repliesEnd(buffer: Buffer, from: number, count: number): number | null {
  let at: number | null = from;
  for (let i = 0; i < count && at !== null; i++) at = replyEnd(buffer, at);
  return at;
}

/** Hands each whole message to `judge`; what it returns passes. */
function messageFilter(framing: Framing, judge: (message: Buffer) => readonly Passed[]): MessageFilter {
  return () => {
    let rest: Buffer = Buffer.alloc(0);
    return (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      const passed: Passed[] = [];
      for (let length = framing(rest); length !== null; length = framing(rest)) {
        passed.push(...judge(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
      return passed;
    };
  };
}

/** What becomes of a wake-up; other messages pass as they are. */
export type Judge = (message: Buffer) => readonly Passed[];

/** The notifications of PostgreSQL (NotificationResponse). */
export function postgresNotifications(judge: Judge): MessageFilter {
  return messageFilter(postgres, (message) => (message[0] === 0x41 ? judge(message) : [{ bytes: message }]));
}

const PUBLISHED = /^[*>]3\r\n\$7\r\nmessage\r\n/;

/** What Redis hands its subscribers. */
export function redisMessages(judge: Judge): MessageFilter {
  return messageFilter(redis, (message) =>
    PUBLISHED.test(message.toString("latin1", 0, 30)) ? judge(message) : [{ bytes: message }],
  );
}

/** Counts the statements that clients of PostgreSQL execute, by their text. */
export function statementCount() {
  const counts = new Map<string, number>();
  const tap = () => {
    let rest: Buffer = Buffer.alloc(0);
    let started = false;
    let text = "";
    const see = (message: Buffer) => {
      const type = String.fromCharCode(message[0] ?? 0);
      // Parse: a name, the text. Query: the text. Execute: what was parsed last.
      if (type === "P") text = cString(message, message.indexOf(0, 5) + 1);
      if (type === "Q") text = cString(message, 5);
      if (type === "E" || type === "Q") counts.set(text, (counts.get(text) ?? 0) + 1);
    };
    return (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      // The first message has no type.
      if (!started && rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        rest = rest.subarray(rest.readUInt32BE(0));
        started = true;
      }
      for (let length = started ? postgres(rest) : null; length !== null; length = postgres(rest)) {
        see(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    };
  };
  return { counts, tap };
}

function cString(message: Buffer, from: number): string {
  return message.toString("utf8", from, message.indexOf(0, from));
}
