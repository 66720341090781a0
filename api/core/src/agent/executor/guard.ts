import type { Context } from "../../context.ts";
import { type Claim, readLease, renewLease } from "../queries.ts";
import { Stop } from "./stop.ts";

/** How often a running execution looks whether it was cancelled, when no wake-up tells it (ms). */
const LOOK_MS = 1_000;
/** Wake-ups from other processes come for everything; look at most this often (ms). */
const WAKE_MS = 100;

/**
 * Watches over a claim: renews its lease, notices a cancel (by wake-up, else within a second) and the loss of
 * the claim, and tells `stop`. When the database cannot be reached for as long as the lease holds, the claim
 * counts as lost.
 */
export class Guard {
  readonly #ctx: Context;
  readonly #claim: Claim;
  readonly #stop: (stop: Stop) => void;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #renewedAt = performance.now();
  #lookedAt = 0;
  #looking = false;
  #closed = false;

  constructor(ctx: Context, claim: Claim, stop: (stop: Stop) => void) {
    this.#ctx = ctx;
    this.#claim = claim;
    this.#stop = stop;
    this.#unsubscribe = ctx.bus.onWake((ids) => {
      if (ids === null || ids.includes(claim.id)) this.#lookSoon();
    });
    this.#schedule(this.#interval);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }

  get #interval(): number {
    return Math.min(LOOK_MS, this.#ctx.settings.leaseRenewMs);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), ms);
    this.#timer.unref();
  }

  #lookSoon(): void {
    if (!this.#looking) this.#schedule(Math.max(0, this.#lookedAt + WAKE_MS - performance.now()));
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const { id, fence } = this.#claim;
    const { leaseRenewMs, leaseMs } = this.#ctx.settings;
    const startedAt = performance.now();
    try {
      const due = startedAt - this.#renewedAt >= leaseRenewMs - this.#interval / 2;
      const state = due ? await renewLease(this.#ctx, id, fence) : await readLease(this.#ctx, id, fence);
      if (due && state) this.#renewedAt = startedAt;
      if (!state) this.#stop(new Stop("lost", "Another worker has the run, or it ended."));
      else if (state.cancelRequested) this.#stop(new Stop("cancelled", "The run was cancelled."));
    } catch (error) {
      this.#ctx.log.warn({ error, executionId: id }, "the lease could not be renewed");
      if (performance.now() - this.#renewedAt > leaseMs) {
        this.#stop(new Stop("lost", "The database was out of reach for as long as the lease holds."));
      }
    }
    this.#lookedAt = performance.now();
    this.#looking = false;
    this.#schedule(this.#interval);
  }
}
