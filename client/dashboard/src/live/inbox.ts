/**
 * What comes at once is spread evenly over so many frames, with at least so many events each: a frame costs a browser
 * much the same, however little it draws.
 */
const SPREAD = 3;
const AT_LEAST = 4;
/** So many applied events are cut off at a time: to cut each one would move all behind it. */
const APPLIED = 1_024;

/** What came and was not applied yet; applied in the order start or reset, events. */
export class Inbox<E> {
  started = false;
  reset = false;
  caughtUp = false;
  /** Events of a frame while they are spread. */
  pace = AT_LEAST;
  #events: E[] = [];
  #next = 0;

  get size(): number {
    return this.#events.length - this.#next;
  }
  add(events: readonly E[], cut: (event: E) => readonly E[]): void {
    for (const event of events) for (const part of cut(event)) this.#events.push(part);
    this.pace = Math.max(AT_LEAST, Math.ceil(this.size / SPREAD));
  }
  take(count: number): E[] {
    const taken = this.#events.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    if (this.size === 0) this.clear();
    else if (this.#next > APPLIED) {
      this.#events.splice(0, this.#next);
      this.#next = 0;
    }
    return taken;
  }
  clear(): void {
    this.#events = [];
    this.#next = 0;
  }
}
