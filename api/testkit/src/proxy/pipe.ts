import type { Socket } from "node:net";

/** What a network does to everything that passes. */
export interface Shape {
  /** Each direction (ms). */
  readonly latencyMs?: number;
  /** Each direction of each connection. */
  readonly bytesPerSecond?: number;
  /** A connection is reset when so many bytes have passed in one direction since this was set. */
  readonly resetAfterBytes?: number;
}

/** A whole message of a protocol, or bytes that belong to none; passes after `lateMs`, others may overtake it. */
export interface Passed {
  readonly bytes: Buffer;
  readonly lateMs?: number;
}

/** Made for each connection: takes what came and says what passes. */
export type MessageFilter = () => (chunk: Buffer) => readonly Passed[];

interface PipeParts {
  readonly tap: ((chunk: Buffer) => void) | null;
  readonly filter: ((chunk: Buffer) => readonly Passed[]) | null;
  /** As many bytes as the shape allows have passed. */
  readonly spent: () => void;
}

/** One direction of a connection. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #parts: PipeParts;
  #shape: Shape = {};
  #passed = 0;
  /** When the bytes before have passed, at the rate of the shape. */
  #free = 0;
  #held: Buffer[] | null = null;
  #dropped = false;
  #underway = 0;
  #finished = false;

  constructor(from: Socket, to: Socket, parts: PipeParts) {
    this.#from = from;
    this.#to = to;
    this.#parts = parts;
    from.on("data", (chunk) => this.#take(chunk));
    to.on("drain", () => from.resume());
  }

  shape(shape: Shape): void {
    this.#shape = shape;
    this.#passed = 0;
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const bytes of held) this.#write(bytes);
  }

  drop(): void {
    this.#dropped = true;
    this.#held = null;
  }

  /** Ends the other side when everything has passed. */
  finish(): void {
    this.#finished = true;
    if (this.#underway === 0 && !this.#dropped) this.#to.destroySoon();
  }

  #take(chunk: Buffer): void {
    if (this.#dropped) return;
    this.#parts.tap?.(chunk);
    for (const { bytes, lateMs = 0 } of this.#parts.filter?.(chunk) ?? [{ bytes: chunk }]) {
      const wait = lateMs + (this.#shape.latencyMs ?? 0) + this.#queueMs(bytes.length);
      if (wait === 0 && this.#underway === 0) this.#write(bytes);
      else this.#later(bytes, wait);
    }
  }

  #queueMs(bytes: number): number {
    const { bytesPerSecond } = this.#shape;
    if (!bytesPerSecond) return 0;
    const now = performance.now();
    this.#free = Math.max(now, this.#free) + (bytes / bytesPerSecond) * 1_000;
    return this.#free - now;
  }

  #later(bytes: Buffer, wait: number): void {
    this.#underway++;
    setTimeout(() => {
      this.#underway--;
      this.#write(bytes);
      if (this.#finished) this.finish();
    }, wait);
  }

  #write(bytes: Buffer): void {
    if (this.#held) return void this.#held.push(bytes);
    if (this.#dropped || this.#to.destroyed) return;
    const { resetAfterBytes = Number.POSITIVE_INFINITY } = this.#shape;
    const left = resetAfterBytes - this.#passed;
    this.#passed += bytes.length;
    if (bytes.length >= left) return void this.#to.write(bytes.subarray(0, left), () => this.#parts.spent());
    if (!this.#to.write(bytes)) this.#from.pause();
  }
}
