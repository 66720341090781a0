import type { Context } from "@shiplog/core";
import { seedStory } from "@shiplog/core/live/testing";
import { connectSocket } from "@shiplog/testkit/socket";
import { expect } from "vitest";
import { RUN } from "./documents.ts";
import { memory } from "./memory.ts";
import type { LiveTestServer } from "./server.ts";

const AT_ONCE = 50;
/** Far less than an operation holds while it runs. */
const MOST_BYTES_EACH = 500;

/** One socket begins and ends so many operations: the process holds nothing for those that are over. */
export async function beginAndEnd(ctx: Context, server: LiveTestServer, cycles: number): Promise<void> {
  const story = await seedStory(ctx);
  await story.append(3);
  const authorization = server.credential(await story.member());
  const client = await connectSocket(server.url, { params: { authorization } });
  const payload = { query: RUN, variables: { id: story.execution } };
  const run = async (count: number) => {
    for (let begun = 0; begun < count; begun += AT_ONCE) {
      for (let i = 0; i < AT_ONCE; i++) client.send({ id: `${begun + i}`, type: "subscribe", payload });
      for (let i = 0; i < AT_ONCE; i++) {
        const first = await client.control.next();
        expect(first).toMatchObject({ type: "next" });
        client.send({ id: first?.id, type: "complete" });
      }
    }
    // Answered behind everything that was sent before.
    client.send({ type: "ping" });
    expect(await client.control.next()).toEqual({ type: "pong" });
  };
  await run(cycles / 2);
  const before = await memory();
  await run(cycles);
  const grown = (await memory()).heap - before.heap;
  console.log(`${cycles} operations begun and ended; bytes more each: ${Math.round(grown / cycles)}`);
  expect(grown / cycles).toBeLessThan(MOST_BYTES_EACH);
  expect(server.stats()).toMatchObject({ operations: 0, groups: 0 });
  await client.close();
}
