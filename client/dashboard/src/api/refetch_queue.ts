/** So long an answer holds up the next question (ms): its connection may be dead. */
const PATIENCE = 10_000;

/**
 * One reading under way and one queued, however often it is asked for. If each aborted the one before, a page whose
 * answers take longer than its changes would never have one; and what was asked earlier may be older than the change.
 */
export class RefetchQueue {
  readonly #start: () => void;
  #underWay = false;
  #queued: ReturnType<typeof setTimeout> | undefined;

  constructor(start: () => void) {
    this.#start = start;
  }

  ask(): void {
    if (this.#underWay) this.#queued ??= setTimeout(this.#start, PATIENCE);
    else this.#start();
  }

  /** A reading began: it answers whatever was queued. */
  began(): void {
    this.clear();
    this.#underWay = true;
  }

  ended(): void {
    const queued = this.#queued !== undefined;
    this.clear();
    if (queued) this.#start();
  }

  /** Nothing is under way any more. */
  clear(): void {
    clearTimeout(this.#queued);
    this.#queued = undefined;
    this.#underWay = false;
  }
}
