import { LogList } from "./log_list.ts";
import type { RunEvent, Tokens } from "./run_event.ts";
import { appendText, blocksOf } from "./text_blocks.ts";

/** Grows in place: what shows it reads it again whenever the log changed. */
export interface MessageItem {
  readonly kind: "message";
  /** Of the message; as the address of an item it is `message:<id>`. */
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  role: string;
  parent: string | null;
  blocks: string[];
  /** The whole message arrived; until then it streams. */
  done: boolean;
  contentId: string | null;
}
/** Never changes: its end is another item in the same row. */
export interface CallItem {
  readonly kind: "call";
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly parent: string | null;
  readonly tool: string;
  readonly args: unknown;
  readonly argsContentId: string | null;
  readonly ended: {
    readonly at: string;
    readonly ok: boolean;
    readonly result: unknown;
    readonly durationMs: number | null;
    readonly contentId: string | null;
  } | null;
}
export interface StatusItem {
  readonly kind: "status";
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly status: string;
  readonly attempt: number;
  readonly errorMessage: string | null;
}
export type LogItem = MessageItem | CallItem | StatusItem;
/** A row of the log: one item, or one block of a long message. */
export interface LogRow {
  item: LogItem;
  readonly block: number;
}

/** A plain object that grows in place: a log of 100,000 lines costs little more than its text. */
export interface RunLog {
  /** The last event applied: one that is not newer is a repeat and changes nothing. */
  seq: number;
  /** The rows of tool calls and changes of status, by their id. */
  readonly others: Map<string, LogRow>;
  readonly rows: LogList;
  /** Tool calls in the order of their start. */
  readonly calls: LogRow[];
  /** Grows with every start and end of a call. */
  callChanges: number;
  /** Grows when rows that were there got another index. */
  moves: number;
  /** What went wrong: failed calls, ends with an error, blocks of text that tell of one. */
  readonly errors: Set<LogRow>;
  status: string | null;
  errorMessage: string | null;
  lastAt: string | null;
  tokens: Tokens<number>;
  /** Nano-dollars of all priced usage. */
  costNanos: bigint;
  unpriced: number;
  usages: number;
  model: string | null;
}

export function emptyLog(): RunLog {
  return {
    seq: 0,
    others: new Map(),
    rows: new LogList(),
    calls: [],
    callChanges: 0,
    moves: 0,
    errors: new Set(),
    status: null,
    errorMessage: null,
    lastAt: null,
    tokens: { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 },
    costNanos: 0n,
    unpriced: 0,
    usages: 0,
    model: null,
  };
}

const MESSAGE = "message:";
const ENDED: ReadonlySet<string> = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/** How the address names an item. */
export function keyOf(item: LogItem): string {
  return item.kind === "message" ? MESSAGE + item.id : item.id;
}

export function itemOf(log: RunLog, key: string): LogItem | undefined {
  const other = log.others.get(key)?.item;
  if (other || !key.startsWith(MESSAGE)) return other;
  return log.rows.message(key.slice(MESSAGE.length)) ?? undefined;
}

/** The first row of an item; -1 when there is none. */
export function rowOf(log: RunLog, key: string): number {
  const item = itemOf(log, key);
  return item ? log.rows.indexOf(item) : -1;
}

function nanosOf(usd: string): bigint {
  return BigInt(Math.round(Number(usd) * 1e9));
}

/** A level that log lines begin with, or the first line of a stack trace; prose about errors is none. */
const TELLS_ERROR =
  /^(?:[^\n]{0,60}[\s[])?(?:ERROR|FATAL|CRITICAL)\b|^panic: |^Traceback \(most recent call last\)|^\s*(?:\w+Error|Error|Uncaught \w+): /m;

/** Far cheaper than the lines' expression, and nearly always false. */
const MAY_TELL_ERROR = /ERROR|FATAL|CRITICAL|panic: |Traceback|Error: |Uncaught /;

export function tellsError(text: string): boolean {
  return MAY_TELL_ERROR.test(text) && TELLS_ERROR.test(text);
}

/** Gives a message the rows that its blocks need: right after the ones it has, or where it began. */
function syncRows(log: RunLog, item: MessageItem, had: number): void {
  const wanted = item.blocks.length;
  if (wanted === had) return;
  const last = log.rows.at(log.rows.length - 1)?.item;
  const end = had === 0 ? log.rows.place(item.seq) : last === item ? log.rows.length : log.rows.after(item);
  if (end < log.rows.length) log.moves += 1;
  if (wanted > had) {
    const rows = Array.from({ length: wanted - had }, (_, nth) => ({ item, block: had + nth }));
    if (end === log.rows.length) log.rows.push(...rows);
    else log.rows.splice(end, 0, ...rows);
  } else {
    log.moves += 1;
    for (const gone of log.rows.splice(end - (had - wanted), had - wanted)) log.errors.delete(gone);
  }
}

/** Looks once at each block of a message that will not change any more. */
function noteErrors(log: RunLog, item: MessageItem, from: number, to: number): void {
  let at = -1;
  for (let block = from; block < to; block++) {
    if (!tellsError(item.blocks[block] ?? "")) continue;
    if (at < 0) at = log.rows.after(item) - item.blocks.length;
    const row = log.rows.at(at + block);
    if (row) log.errors.add(row);
  }
}

/** The message, or a new one that begins with that seq. */
function messageOf(log: RunLog, id: string, seq: number, at: string): MessageItem {
  const known = log.rows.changing(id);
  if (known) return known;
  const item: MessageItem = {
    kind: "message",
    id,
    seq,
    // The time of a piece that was pruned is gone with it: it came before the row behind it.
    at: log.rows.at(log.rows.place(seq))?.item.at ?? at,
    role: "assistant",
    parent: null,
    blocks: [],
    done: false,
    contentId: null,
  };
  log.rows.add(item);
  return item;
}

function applyMessage(log: RunLog, event: RunEvent & { __typename: "AgentMessage" }, at: string): void {
  const item = messageOf(log, event.messageId, event.fromSeq ?? event.seq, at);
  const had = item.blocks.length;
  item.role = event.role;
  item.parent = event.parentCallId ?? null;
  item.contentId = event.truncated ? (event.contentId ?? null) : null;
  item.done = true;
  // The deltas say more than a cut message does.
  if (!event.truncated || had === 0) {
    if (item.blocks.join("") !== event.text) item.blocks = blocksOf(event.text);
    syncRows(log, item, had);
  }
  noteErrors(log, item, 0, item.blocks.length);
}

/** Nothing more comes for a message that its agent left open when the run ended. */
function closeMessages(log: RunLog): void {
  for (const item of log.rows.open()) {
    item.done = true;
    noteErrors(log, item, item.blocks.length - 1, item.blocks.length);
  }
}

function addOther(log: RunLog, item: CallItem | StatusItem): LogRow {
  const row = { item, block: 0 };
  log.others.set(item.id, row);
  log.rows.push(row);
  return row;
}

function applyOne(log: RunLog, event: RunEvent, at: string): void {
  switch (event.__typename) {
    case "AgentStatusChanged": {
      const { seq, status, attempt } = event;
      const errorMessage = event.errorMessage ?? null;
      const id = `status:${seq}`;
      const row = addOther(log, { kind: "status", id, seq, at, status, attempt, errorMessage });
      if (errorMessage || status === "FAILED") log.errors.add(row);
      log.status = status;
      log.errorMessage = errorMessage;
      if (ENDED.has(status)) closeMessages(log);
      return;
    }
    case "AgentTextDelta": {
      const item = messageOf(log, event.messageId, event.seq, at);
      const had = item.blocks.length;
      appendText(item.blocks, event.text);
      syncRows(log, item, had);
      noteErrors(log, item, Math.max(0, had - 1), item.blocks.length - 1);
      return;
    }
    case "AgentMessage":
      applyMessage(log, event, at);
      return;
    case "AgentToolCallStarted": {
      const { callId: id, seq, tool } = event;
      const parent = event.parentCallId ?? null;
      const argsContentId = event.truncated ? (event.contentId ?? null) : null;
      const args = event.arguments;
      log.calls.push(
        addOther(log, { kind: "call", id, seq, at, parent, tool, args, argsContentId, ended: null }),
      );
      log.callChanges += 1;
      return;
    }
    case "AgentToolCallFinished": {
      const row = log.others.get(event.callId);
      if (row?.item.kind !== "call") return;
      const { ok, result } = event;
      const contentId = event.truncated ? (event.contentId ?? null) : null;
      row.item = { ...row.item, ended: { at, ok, result, durationMs: event.durationMs ?? null, contentId } };
      if (!ok) log.errors.add(row);
      log.callChanges += 1;
      return;
    }
    case "AgentUsage": {
      log.tokens.inputTokens += Number(event.inputTokens);
      log.tokens.cacheReadTokens += Number(event.cacheReadTokens);
      log.tokens.outputTokens += Number(event.outputTokens);
      log.usages += 1;
      log.model = event.model ?? log.model;
      if (event.cost === null || event.cost === undefined) log.unpriced += 1;
      else log.costNanos += nanosOf(event.cost);
      return;
    }
    default:
      unknown(event);
  }
}

/** A newer server may send kinds of events that this page does not know: they are passed over. */
function unknown(_event: never): void {}

/** Folds events into the log, in place. */
export function applyEvents(log: RunLog, events: readonly RunEvent[]): void {
  for (const event of events) {
    if (event.seq <= log.seq) continue;
    if (!("more" in event && event.more)) log.seq = event.seq;
    // Events of one transaction have one time: it is kept once.
    if (event.at !== log.lastAt) log.lastAt = event.at;
    applyOne(log, event, log.lastAt);
  }
  log.rows.pack((row) => log.errors.has(row));
}
