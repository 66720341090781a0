import type { RunEvent, Tokens } from "./run_event.ts";
import { appendText, blocksOf } from "./text_blocks.ts";

export interface MessageItem {
  kind: "message";
  id: string;
  seq: number;
  at: string;
  role: string;
  parent: string | null;
  blocks: string[];
  /** The whole message arrived; until then it streams. */
  done: boolean;
  contentId: string | null;
}
export interface CallItem {
  kind: "call";
  id: string;
  seq: number;
  at: string;
  parent: string | null;
  tool: string;
  args: unknown;
  argsContentId: string | null;
  ended: {
    at: string;
    ok: boolean;
    result: unknown;
    durationMs: number | null;
    contentId: string | null;
  } | null;
}
export interface StatusItem {
  kind: "status";
  id: string;
  seq: number;
  at: string;
  status: string;
  attempt: number;
  errorMessage: string | null;
}
export type LogItem = MessageItem | CallItem | StatusItem;
/** A row of the log: one item, or one block of a long message. */
export interface LogRow {
  readonly item: string;
  readonly block: number;
}

export interface RunLog {
  /** The last event applied: one that is not newer is a repeat and changes nothing. */
  seq: number;
  items: Record<string, LogItem>;
  rows: LogRow[];
  /** Tool calls in the order of their start. */
  calls: string[];
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
    items: {},
    rows: [],
    calls: [],
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

function nanosOf(usd: string): bigint {
  return BigInt(Math.round(Number(usd) * 1e9));
}

function rowAfter(log: RunLog, item: string): number {
  for (let i = log.rows.length - 1; i >= 0; i--) if (log.rows[i]?.item === item) return i + 1;
  return log.rows.length;
}

/** Gives a message the rows that its blocks need, right after the ones it has. */
function syncRows(log: RunLog, item: MessageItem, had: number): void {
  const wanted = item.blocks.length;
  if (wanted > had) {
    const rows = Array.from({ length: wanted - had }, (_, nth) => ({ item: item.id, block: had + nth }));
    const at = rowAfter(log, item.id);
    if (at === log.rows.length) log.rows.push(...rows);
    else log.rows.splice(at, 0, ...rows);
  } else if (wanted < had) {
    log.rows.splice(rowAfter(log, item.id) - (had - wanted), had - wanted);
  }
}

function messageOf(log: RunLog, event: { messageId: string; seq: number; at: string }): MessageItem {
  const id = `message:${event.messageId}`;
  const known = log.items[id];
  if (known?.kind === "message") return known;
  const { seq, at } = event;
  log.items[id] = {
    kind: "message",
    id,
    seq,
    at,
    role: "assistant",
    parent: null,
    blocks: [],
    done: false,
    contentId: null,
  };
  return log.items[id] as MessageItem;
}

function applyOne(log: RunLog, event: RunEvent): void {
  switch (event.__typename) {
    case "AgentStatusChanged": {
      const id = `status:${event.seq}`;
      const { seq, at, status, attempt } = event;
      const errorMessage = event.errorMessage ?? null;
      log.items[id] = { kind: "status", id, seq, at, status, attempt, errorMessage };
      log.rows.push({ item: id, block: 0 });
      log.status = status;
      log.errorMessage = errorMessage;
      return;
    }
    case "AgentTextDelta": {
      const item = messageOf(log, event);
      const had = item.blocks.length;
      appendText(item.blocks, event.text);
      if (item.blocks.length !== had) syncRows(log, item, had);
      return;
    }
    case "AgentMessage": {
      const item = messageOf(log, event);
      const had = item.blocks.length;
      item.role = event.role;
      item.parent = event.parentCallId ?? null;
      item.contentId = event.truncated ? (event.contentId ?? null) : null;
      item.done = true;
      // The deltas say more than a cut message does.
      if (event.truncated && had > 0) return;
      if (item.blocks.join("") !== event.text) item.blocks = blocksOf(event.text);
      syncRows(log, item, had);
      return;
    }
    case "AgentToolCallStarted": {
      const { callId: id, seq, at, tool } = event;
      const argsContentId = event.truncated ? (event.contentId ?? null) : null;
      log.items[id] = {
        kind: "call",
        id,
        seq,
        at,
        parent: event.parentCallId ?? null,
        tool,
        args: event.arguments,
        argsContentId,
        ended: null,
      };
      log.calls.push(id);
      log.rows.push({ item: id, block: 0 });
      return;
    }
    case "AgentToolCallFinished": {
      const item = log.items[event.callId];
      if (item?.kind !== "call") return;
      const { at, ok, result } = event;
      const contentId = event.truncated ? (event.contentId ?? null) : null;
      item.ended = { at, ok, result, durationMs: event.durationMs ?? null, contentId };
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

/** Folds events into the log, in place: on a store draft in the page, on a plain object in tests. */
export function applyEvents(log: RunLog, events: readonly RunEvent[]): void {
  for (const event of events) {
    if (event.seq <= log.seq) continue;
    log.seq = event.seq;
    log.lastAt = event.at;
    applyOne(log, event);
  }
}
