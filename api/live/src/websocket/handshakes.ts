import { CLOSE } from "./codes.ts";
import type { Connection } from "./connection.ts";

/** Sockets that have not introduced themselves yet: all get the same time, so one timer serves the eldest. */
export class Handshakes {
  readonly #waitMs: number;
  /** Until when, eldest first. */
  readonly #expected = new Map<Connection, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  expect(connection: Connection): void {
    this.#expected.set(connection, performance.now() + this.#waitMs);
    this.#arm();
  }

  /** It is gone: those that come and go are not held for so long. */
  forget(connection: Connection): void {
    this.#expected.delete(connection);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#expected.clear();
  }

  #arm(): void {
    const [eldest] = this.#expected.values();
    if (this.#timer || eldest === undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, eldest - performance.now())).unref();
  }

  #look(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [connection, until] of this.#expected) {
      if (until > now) break;
      this.#expected.delete(connection);
      if (!connection.initialised) connection.close(CLOSE.initTimeout, "Connection initialisation timeout");
    }
    this.#arm();
  }
}
