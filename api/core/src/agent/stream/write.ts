import type { Prisma } from "@shiplog/db";
import type { Context } from "../../context.ts";
import type { NewEvent } from "../../live/index.ts";
import { type Redactor, redactorOf } from "../../redact/index.ts";
import { recordEvents } from "../events.ts";
import { firstDeltas, headSeq, type LockedExecution } from "../queries.ts";
import type { EventDraft } from "./drafts.ts";
import { type HeldTexts, openHeld } from "./held.ts";
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

/** What the drafts become: their deltas without secrets, the ends of texts held back; and where each draft ends. */
async function mergeDrafts(
  tx: Context,
  row: LockedExecution,
  drafts: readonly EventDraft[],
): Promise<{ readonly merger: TextMerger; readonly held: HeldTexts; readonly ends: readonly number[] }> {
  const merger = new TextMerger();
  const held = await openHeld(tx, row);
  const ends: number[] = [];
  let from = 0;
  for (const [index, draft] of drafts.entries()) {
    const next = drafts[index + 1];
    if (draft.kind === "textDelta") {
      // Deltas of one message that follow each other are looked at once.
      if (next?.kind === "textDelta" && next.messageId === draft.messageId) continue;
      const run = drafts.slice(from, index + 1).map((one) => (one.kind === "textDelta" ? one.text : ""));
      for (const told of held.add(draft.messageId, run.join(""))) merger.add(told);
    } else {
      if (draft.kind === "message") held.close(draft.messageId);
      merger.add(draft);
    }
    ends.push(...Array.from({ length: index + 1 - from }, () => merger.events.length));
    from = index + 1;
  }
  return { merger, held, ends };
}

/** Deltas are without them already. */
function withoutSecrets(draft: EventDraft, { text, json }: Redactor): EventDraft {
  switch (draft.kind) {
    case "message":
      return { ...draft, text: text(draft.text) };
    case "toolCallStarted":
      return { ...draft, arguments: json(draft.arguments) };
    case "toolCallFinished":
      return { ...draft, result: json(draft.result) };
    case "textDelta":
    case "usage":
      return draft;
  }
}

/** Records drafts in the stream of an execution that this transaction has locked; the caller updates its row. */
export async function writeDrafts(
  tx: Context,
  row: LockedExecution,
  drafts: readonly EventDraft[],
): Promise<Written> {
  const { merger, held, ends } = await mergeDrafts(tx, row, drafts);
  const headBefore = await headSeq(tx, row.id);
  const closed = merger.events.flatMap((event) => (event.kind === "message" ? [event.messageId] : []));
  const streamed = row.lastTextAt === null ? [] : [...new Set(closed)];
  const first = await firstDeltas(tx, row.id, streamed);
  const totals = new Totals();
  const events: NewEvent[] = [];
  const redactor = await redactorOf(tx, row.projectId);
  for (const draft of merger.events.map((event) => withoutSecrets(event, redactor))) {
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
    seqs: ends.map((count) => headBefore + count),
    changes: {
      ...(events.length > 0 && { ...totals.changes(row.costNanos), ...text }),
      ...held.changes(tx, row.id),
    },
    costNanos: totals.costAfter(row.costNanos),
    toolCalls: row.toolCalls + totals.toolCalls,
  };
}
