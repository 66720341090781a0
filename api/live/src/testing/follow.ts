import { setTimeout as sleep } from "node:timers/promises";
import type { Story } from "@shiplog/core/live/testing";
import { connectSocket, type SocketClient } from "@shiplog/testkit/socket";
import { RUN, type TestBatch } from "./documents.ts";

export interface Follower {
  /** Every seq that was delivered, in the order of arrival. */
  readonly seqs: number[];
  /** Batches that said `reset`. */
  readonly resets: number;
  /** Sockets it used. */
  readonly sockets: number;
  /** Resolves when the stream completed. */
  readonly done: Promise<void>;
  /** Kills the socket; the follower comes back with its cursor. */
  kill(): void;
}

/** A client as a good one behaves: keeps the cursor of the last batch and comes back with it. */
export function follow(url: () => string, execution: string, authorization: () => string): Follower {
  const seqs: number[] = [];
  const state = { seqs, resets: 0, sockets: 0 };
  let client: SocketClient | null = null;
  let after: string | null = null;
  const onSocket = async (): Promise<boolean> => {
    client = await connectSocket(url(), { params: { authorization: authorization() } });
    state.sockets++;
    const operation = client.subscribe(RUN, { id: execution, after });
    for (let message = await operation.next(); message; message = await operation.next()) {
      if (message.type === "complete") return true;
      if (message.type === "error") throw new Error(JSON.stringify(message.payload));
      const { batch } = message.payload.data as { batch: TestBatch };
      for (const event of batch.events) seqs.push(event.seq);
      if (batch.reset) state.resets++;
      after = batch.cursor;
    }
    return false;
  };
  const run = async () => {
    for (;;) {
      const completed = await onSocket().catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNREFUSED" || error.message.startsWith("not acknowledged"))
          return sleep(20, false);
        if (error.message.includes("ECONNRESET") || error.message.includes("refused with 503")) return false;
        throw error;
      });
      if (completed) return client?.close();
    }
  };
  return Object.assign(state, { done: run(), kill: () => client?.kill() });
}

/** Writes `total` events in random portions by concurrent writers, some of which roll back; the last one ends. */
export async function writeBurst(
  story: Story,
  total: number,
  random: () => number,
  { writers = 4, text = "" } = {},
): Promise<void> {
  let left = total - 1;
  const write = async () => {
    while (left > 0) {
      const count = Math.min(left, 1 + Math.floor(random() * 20));
      left -= count;
      await story.append(count, { text });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  await story.append(1, { ends: true });
}

/** A small reproducible generator (mulberry32); print the seed with a failure. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
