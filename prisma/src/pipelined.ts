import pg from "pg";
import { isLast } from "./sql.ts";

type State =
  /** No transaction. */
  | "none"
  /** BEGIN was asked for; it goes out with the first statement. */
  | "wanted"
  | "open"
  /** Its last statement has brought it to its end. */
  | "over";

const NOTHING = { command: "", rowCount: 0, oid: 0, rows: [], fields: [] };

/**
 * A connection that spares transactions round trips: BEGIN goes out together with the first statement, and COMMIT
 * together with a statement that is marked as the `last` one, which is answered when both are done. A transaction of
 * one statement, its last, is that statement alone: it is atomic by itself.
 */
export class PipelinedClient extends pg.Client {
  #state: State = "none";

  constructor(config: pg.ClientConfig) {
    super({ ...config, pipeline: true });
  }

  override query(...given: unknown[]): never {
    const text = textOf(given[0]);
    if (this.#state === "none" && text !== "BEGIN") return this.#send(given) as never;
    return answered(given, (args) => this.#step(text, args));
  }

  #send(args: readonly unknown[]): Promise<unknown> {
    return (super.query as (...args: unknown[]) => Promise<unknown>).apply(this, [...args]);
  }

  async #step(text: string, args: readonly unknown[]): Promise<unknown> {
    const state = this.#state;
    if (state === "none") {
      this.#state = "wanted";
      return NOTHING;
    }
    if (text === "COMMIT" || text === "ROLLBACK") {
      this.#state = "none";
      return state === "open" ? this.#send(args) : NOTHING;
    }
    if (state === "over") throw new Error("a statement behind the last one of its transaction");
    const last = isLast(text);
    this.#state = last ? "over" : "open";
    if (state === "wanted" && last) return this.#send(args);
    if (state === "wanted") this.#begin();
    return last ? this.#finish(args) : this.#send(args);
  }

  #begin(): void {
    // What follows is on its way already, and would hold without a transaction around it.
    this.#send(["BEGIN"]).catch((error) => this.connection.stream.destroy(error));
  }

  async #finish(args: readonly unknown[]): Promise<unknown> {
    const [result, commit] = await Promise.allSettled([this.#send(args), this.#send(["COMMIT"])]);
    // COMMIT behind a statement that failed rolls back.
    if (result.status === "rejected") throw result.reason;
    if (commit.status === "rejected") throw commit.reason;
    return result.value;
  }
}

type Callback = (error: Error | undefined, result?: unknown) => void;

/** `query` is overloaded in pg: (text or config, values?, callback?), a promise without a callback. */
export function answered(
  given: readonly unknown[],
  query: (args: readonly unknown[]) => Promise<unknown>,
): never {
  const callback = given.at(-1);
  if (typeof callback !== "function") return query(given) as never;
  query(given.slice(0, -1)).then(
    (result) => (callback as Callback)(undefined, result),
    (error) => (callback as Callback)(error),
  );
  return undefined as never;
}

export function textOf(query: unknown): string {
  return typeof query === "string" ? query : String((query as { text?: unknown } | null)?.text ?? "");
}
