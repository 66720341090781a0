/** FIN and opcode 1: a whole text message (RFC 6455, 5.2). Frames of a server are not masked. */
const TEXT = 0x81;

/** A longer message goes out as it is, rather than be copied behind each header (bytes). */
export const MOST_COPIED = 8 * 1024;

const END = Buffer.from("}");

/** The header of a frame of so many bytes. */
function headerOf(payload: number): Buffer {
  if (payload < 126) return Buffer.from([TEXT, payload]);
  if (payload < 65_536) return Buffer.from([TEXT, 126, payload >> 8, payload & 0xff]);
  const header = Buffer.alloc(10);
  header[0] = TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(payload), 2);
  return header;
}

/**
 * A short text message of `prefix`, `text` and a closing brace, a byte a character, to be written as "latin1": a
 * string of bytes goes to the socket without a buffer being made for it.
 */
export function frameText(prefix: string, text: string): string {
  const payload = prefix.length + text.length + 1;
  const header =
    payload < 126
      ? String.fromCharCode(TEXT, payload)
      : String.fromCharCode(TEXT, 126, payload >> 8, payload & 0xff);
  return `${header}${prefix}${text}}`;
}

/** A text message of `prefix`, `body` and a closing brace, in the pieces to write. `prefix` is ASCII. */
export function framePieces(prefix: string, body: Buffer): readonly Buffer[] {
  const header = headerOf(prefix.length + body.length + 1);
  return [Buffer.concat([header, Buffer.from(prefix, "latin1")]), body, END];
}

/** A JSON string of ASCII characters only. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text in one piece: one that was put together of many holds them all for as long as it lives. */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}
