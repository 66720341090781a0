import { setTimeout as delay } from "node:timers/promises";
import type { EventDraft } from "./drafts.ts";
import { TextMerger } from "./merge.ts";

export interface GroupCall {
  readonly drafts: readonly EventDraft[];
}

export type Settled<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly error: unknown };

/** Either the calls' answers in order, or how long the text must still wait because another process wrote. */
export type CommitResult<A> = { readonly answers: readonly Settled<A>[] } | { readonly waitMs: number };

export interface GroupOptions<C, A> {
  readonly windowMs: number;
  /** Why each call may not take part, or null; asked once per call, for all that came together. */
  readonly admit?: (calls: readonly C[]) => Promise<readonly (Error | null)[]>;
  readonly commit: (calls: readonly C[]) => Promise<CommitResult<A>>;
}

interface Waiting<C, A> {
  readonly call: C;
  admitted: boolean;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/** Text of one call may need several events; the window that they owe is capped here. */
const MOST_DEBT_MS = 1_000;

/**
 * Group commit of one execution's events: calls that arrive while a transaction runs, or while the text window
 * is closed, share the next one. A call is answered after its events are committed; order is kept.
 */
export class CommitGroup<C extends GroupCall, A> {
  readonly #options: GroupOptions<C, A>;
  #queue: Waiting<C, A>[] = [];
  #running: Promise<void> | null = null;
  /** When the next text event may be written (performance.now()). */
  #textOpensAt = 0;

  constructor(options: GroupOptions<C, A>) {
    this.#options = options;
  }

  push(call: C): Promise<A> {
    const answer = new Promise<A>((resolve, reject) => {
      this.#queue.push({ call, admitted: !this.#options.admit, resolve, reject });
    });
    this.#running ??= this.#drain();
    return answer;
  }

  /** Nothing waits. */
  get isIdle(): boolean {
    return this.#running === null;
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #drain(): Promise<void> {
    // Calls of the same tick join the first transaction.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      await this.#admit();
      const { count, textEvents } = this.#next();
      if (count === 0 && this.#queue.length > 0) {
        await delay(Math.max(1, this.#textOpensAt - performance.now()));
      }
      // Calls that came during the wait join.
      if (count === 0) continue;
      const batch = this.#queue.slice(0, count);
      const result = await this.#attempt(batch.map(({ call }) => call));
      if ("waitMs" in result) {
        this.#textOpensAt = performance.now() + result.waitMs;
        continue;
      }
      this.#queue = this.#queue.slice(count);
      if (textEvents > 0) {
        this.#textOpensAt = performance.now() + Math.min(textEvents * this.#options.windowMs, MOST_DEBT_MS);
      }
      batch.forEach(({ resolve, reject }, index) => {
        const answer = result.answers[index];
        if (answer?.ok) resolve(answer.value);
        else reject(answer?.error ?? new Error("a commit left a call unanswered"));
      });
    }
    // In the same turn as the loop's last look at the queue: a later push starts anew.
    this.#running = null;
  }

  /** Refuses who may not take part before their calls count; the order of the others stays. */
  async #admit(): Promise<void> {
    const { admit } = this.#options;
    const fresh = this.#queue.filter(({ admitted }) => !admitted);
    if (!admit || fresh.length === 0) return;
    let refusals: readonly unknown[];
    try {
      refusals = await admit(fresh.map(({ call }) => call));
    } catch (error) {
      refusals = fresh.map(() => error);
    }
    const refused = new Set<Waiting<C, A>>();
    fresh.forEach((waiting, index) => {
      waiting.admitted = true;
      const refusal = refusals[index] ?? null;
      if (refusal === null) return;
      refused.add(waiting);
      waiting.reject(refusal);
    });
    this.#queue = this.#queue.filter((waiting) => !refused.has(waiting));
  }

  async #attempt(calls: readonly C[]): Promise<CommitResult<A>> {
    try {
      return await this.#options.commit(calls);
    } catch (error) {
      return { answers: calls.map(() => ({ ok: false, error })) };
    }
  }

  /** The longest prefix that needs at most one text event, and none while the window is closed; at least one call. */
  #next(): { count: number; textEvents: number } {
    const open = performance.now() >= this.#textOpensAt;
    const merger = new TextMerger();
    let count = 0;
    let textEvents = 0;
    for (const { call, admitted } of this.#queue) {
      if (!admitted) break;
      for (const draft of call.drafts) merger.add(draft);
      if (merger.textEvents > 0 && !open) break;
      if (count > 0 && merger.textEvents > Math.max(1, textEvents)) break;
      textEvents = merger.textEvents;
      count++;
    }
    return { count, textEvents };
  }
}
