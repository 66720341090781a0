import { hash, verify } from "@node-rs/argon2";
import { DomainError } from "./errors.ts";
import type { PasswordHasher } from "./ports.ts";

/** More sign-ins are waiting than the server takes; the same request may pass a moment later. */
export class BusyError extends DomainError {
  readonly code = "BUSY";
  readonly status = 503;
  override readonly name = "BusyError";
  override readonly retryAfterSeconds = 2;
  constructor(message = "Too many sign-ins at the same time. Try again in a moment.") {
    super(message);
  }
}

export interface PasswordOptions {
  /** KiB of memory of one hash. */
  readonly memoryCost?: number;
  /** Passes over the memory. */
  readonly timeCost?: number;
  /** Hashes computed at the same time. */
  readonly concurrency?: number;
  /** Requests that may wait beside those; one more gets a BusyError. */
  readonly queue?: number;
}

/**
 * Argon2id behind a bounded pool: a hash takes 19 MiB and a thread for some 20 ms, so a flood of sign-ins would
 * otherwise be a flood of memory and starve the thread pool that files and DNS share.
 */
export function createPasswordHasher(options: PasswordOptions = {}): PasswordHasher {
  const { memoryCost = 19_456, timeCost = 2, concurrency = 2, queue = 64 } = options;
  const run = createPool(concurrency, queue);
  return {
    hash: (password) => run(() => hash(password, { memoryCost, timeCost, parallelism: 1 })),
    verify: (stored, password) => run(() => verify(stored, password)),
  };
}

function createPool(concurrency: number, queue: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active >= concurrency) {
      if (waiting.length >= queue) throw new BusyError();
      // The finished job hands its place over, so `active` does not change between the two.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      active++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  };
}
