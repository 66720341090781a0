import type { Context } from "@shiplog/core";
import { seedStory } from "@shiplog/core/live/testing";
import { connectSocket, type SocketOperation } from "@shiplog/testkit/socket";
import { expect } from "vitest";
import { RUN, type TestBatch } from "./documents.ts";
import { upTo } from "./follow.ts";
import { memory } from "./memory.ts";
import type { LiveTestServer } from "./server.ts";

const MB = 1024 * 1024;

async function numbers(operation: SocketOperation): Promise<number[]> {
  const seqs: number[] = [];
  for (const message of await operation.rest()) {
    if (message.type !== "next") continue;
    for (const event of (message.payload.data as { batch: TestBatch }).batch.events) seqs.push(event.seq);
  }
  return seqs;
}

/**
 * Readers that stop reading while a stream is written: another one is served as it is written, the process holds
 * nothing more for those that stalled, and they get everything in order once they read again.
 */
export async function stallReaders(
  ctx: Context,
  server: LiveTestServer,
  size: { readonly events: number; readonly stalled: number },
): Promise<void> {
  const story = await seedStory(ctx);
  const token = server.credential(await story.member());
  const open = async () => {
    const client = await connectSocket(server.url, { params: { authorization: token } });
    const operation = client.subscribe(RUN, { id: story.execution });
    await operation.data();
    return { client, operation };
  };
  const stalled = await Promise.all(Array.from({ length: size.stalled }, open));
  const healthy = await open();
  for (const { client } of stalled) client.socket.pause();
  let before = await memory();
  const portion = 50;
  // Taken as it comes, so that the healthy reader's own queue is no part of the measure.
  let seen = 0;
  for (let written = portion; written <= size.events; written += portion) {
    const lastSeq = await story.append(portion, { text: "x".repeat(8_000) });
    while (seen < lastSeq) {
      const { batch } = await healthy.operation.data<{ batch: TestBatch }>();
      seen = batch.events.at(-1)?.seq ?? seen;
    }
    // The buffers of the kernel are full by then, and the program is warm.
    if (written * 2 === size.events) before = await memory();
  }
  const after = await memory();
  const backlog = (size.events / 2) * 8_000;
  const grown = {
    heap: (after.heap - before.heap) / MB,
    external: (after.external - before.external) / MB,
    rss: (after.rss - before.rss) / MB,
  };
  console.log(`${size.stalled} stalled readers, ${backlog / MB} MB more behind each; MB more:`, grown);
  expect(grown.heap + grown.external).toBeLessThan(4);
  expect(grown.rss).toBeLessThan(64);
  await story.append(1, { ends: true });
  for (const { client, operation } of stalled) {
    client.socket.resume();
    expect(await numbers(operation)).toEqual(upTo(size.events + 1));
    await client.close();
  }
  await healthy.client.close();
}
