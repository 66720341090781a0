/** A promise that the test settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}

/** Items in the order they came, for a test to await one by one. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T | null) => void)[] = [];
  #over = false;

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const next = this.#waiting.shift();
    if (next) next(item);
    else this.#items.push(item);
  }

  /** No more will come: whoever waits gets null. */
  end(): void {
    this.#over = true;
    for (const next of this.#waiting.splice(0)) next(null);
  }

  /** The next item; null once everything was taken and no more will come. */
  async next(): Promise<T | null> {
    const item = this.#items.shift();
    if (item !== undefined) return item;
    if (this.#over) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Asks again and again until the answer is truthy. */
export async function until<T>(ask: () => T | Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`not so within ${timeoutMs} ms: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
