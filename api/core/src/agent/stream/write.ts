import type { Prisma } from "@shiplog/db";
import type { Context } from "../../context.ts";
import type { NewEvent } from "../../live/index.ts";
import { recordEvents } from "../events.ts";
import { firstDeltas, headSeq, type LockedExecution } from "../queries.ts";
import type { EventDraft } from "./drafts.ts";
import { TextMerger } from "./merge.ts";
import { storeDraft } from "./store.ts";
import { Totals } from "./totals.ts";

export interface Written {
  /** Last seq of the stream before these events. */
  readonly headBefore: number;
  /** For each draft: the seq that it and all before it end at. */
  readonly seqs: readonly number[];
  /** The columns of the execution that these events change. */
  readonly changes: Prisma.AgentExecutionUpdateInput;
  /** The execution's cost after these events. */
  readonly costNanos: bigint | null;
  readonly toolCalls: number;
}

/** Records drafts in the stream of an execution that this transaction has locked; the caller updates its row. */
export async function writeDrafts(
  tx: Context,
  row: LockedExecution,
  drafts: readonly EventDraft[],
): Promise<Written> {
  const merger = new TextMerger();
  for (const draft of drafts) merger.add(draft);
  const headBefore = await headSeq(tx, row.id);
  const closed = merger.events.flatMap((event) => (event.kind === "message" ? [event.messageId] : []));
  const streamed = row.lastTextAt === null ? [] : [...new Set(closed)];
  const first = await firstDeltas(tx, row.id, streamed);
  const totals = new Totals();
  const events: NewEvent[] = [];
  for (const draft of merger.events) {
    const fromSeq = draft.kind === "message" ? (first.get(draft.messageId) ?? null) : null;
    events.push(await storeDraft(tx, row, draft, fromSeq, totals));
    if (draft.kind === "textDelta" && !first.has(draft.messageId)) {
      first.set(draft.messageId, headBefore + events.length);
    }
  }
  if (events.length > 0) recordEvents(tx, row, events);
  const text = merger.textEvents > 0 ? { lastTextAt: tx.clock.now() } : {};
  return {
    headBefore,
    seqs: merger.ends.map((count) => headBefore + count),
    changes: events.length === 0 ? {} : { ...totals.changes(row.costNanos), ...text },
    costNanos: totals.costAfter(row.costNanos),
    toolCalls: row.toolCalls + totals.toolCalls,
  };
}
