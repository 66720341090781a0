import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What may wait for a peer that takes nothing (bytes): a message is added only within it, or when nothing waits. */
export const MOST_BUFFERED = 64 * 1024;

/** For how long a peer has taken nothing of what waits for it; slow is not stalled. */
export class Stall {
  readonly #target: Socket | ServerResponse;
  #taken = 0;
  #ms = 0;

  constructor(target: Socket | ServerResponse) {
    this.#target = target;
  }

  /** To be called every `periodMs`. */
  lasts(periodMs: number): number {
    const { writableLength } = this.#target;
    const socket = "bytesWritten" in this.#target ? this.#target : this.#target.socket;
    const taken = (socket?.bytesWritten ?? 0) - writableLength;
    this.#ms = writableLength > 0 && taken === this.#taken ? this.#ms + periodMs : 0;
    this.#taken = taken;
    return this.#ms;
  }
}
