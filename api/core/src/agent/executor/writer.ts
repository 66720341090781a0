import type { Context } from "../../context.ts";
import { jsonBytes } from "../../live/index.ts";
import type { Claim } from "../queries.ts";
import type { EventDraft } from "../stream/drafts.ts";
import { CommitGroup, type GroupCall } from "../stream/group.ts";
import { writeDrafts } from "../stream/write.ts";
import { underFence } from "./fence.ts";
import { Stop } from "./stop.ts";

/** Sums of the run after a commit. */
export interface RunCounts {
  readonly toolCalls: number;
  readonly costNanos: bigint | null;
}

/** Most text that waits for its window before a step that streams faster is held up. */
const MOST_WAITING = 256 * 1024;

/** Appends a run's events under its fence; text deltas are merged, everything else is durable when it returns. */
export class RunWriter {
  readonly #group: CommitGroup<GroupCall, RunCounts>;
  readonly #stop: (stop: Stop) => void;
  readonly #counted: (counts: RunCounts) => void;
  #waitingBytes = 0;

  constructor(
    ctx: Context,
    claim: Claim,
    on: { readonly stop: (stop: Stop) => void; readonly counted: (counts: RunCounts) => void },
  ) {
    this.#stop = on.stop;
    this.#counted = on.counted;
    this.#group = new CommitGroup({
      windowMs: ctx.settings.textWindowMs,
      commit: async (calls) => {
        const counts = await commit(ctx, claim, calls);
        return { answers: calls.map(() => ({ ok: true, value: counts })) };
      },
    });
  }

  /** Resolves when the event is committed. */
  async write(draft: EventDraft): Promise<void> {
    try {
      this.#counted(await this.#group.push({ drafts: [draft] }));
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Resolves at once while little text waits; a failure stops the run. */
  async writeText(messageId: string, text: string): Promise<void> {
    const bytes = jsonBytes(text);
    this.#waitingBytes += bytes;
    const written = this.write({ kind: "textDelta", messageId, text }).finally(() => {
      this.#waitingBytes -= bytes;
    });
    if (this.#waitingBytes > MOST_WAITING) await written;
    else written.catch(() => {});
  }

  /** Resolves when everything written so far is committed, or has failed. */
  flush(): Promise<void> {
    return this.#group.idle();
  }

  /** Events that cannot be committed end this attempt; a step must not go on as if it had been heard. */
  #failed(error: unknown): Stop {
    const stop = error instanceof Stop ? error : new Stop("lost", "Events could not be written.");
    this.#stop(stop);
    return stop;
  }
}

async function commit(ctx: Context, claim: Claim, calls: readonly GroupCall[]): Promise<RunCounts> {
  return underFence(ctx, claim, async (tx, row) => {
    const written = await writeDrafts(
      tx,
      row,
      calls.flatMap(({ drafts }) => drafts),
    );
    await tx.db.agentExecution.update({
      where: { id: row.id },
      select: { id: true },
      data: { ...written.changes, lastActivityAt: tx.clock.now() },
    });
    return { toolCalls: written.toolCalls, costNanos: written.costNanos };
  });
}
