import { encodeCursor } from "@shiplog/core/live";
import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { RUN } from "./testing/documents.ts";
import { follow, seeded, upTo, writeBurst } from "./testing/follow.ts";
import { killAtRandom } from "./testing/kill.ts";
import { type LiveTestServer, startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx);
afterAll(() => server.stop());

test("random socket kills: nothing lost, nothing doubled, order kept", () =>
  killAtRandom(ctx, server, { events: 600, kills: 40, followers: 2, seed: 20_261_122 }));

test.each([
  ["of small events", ""],
  ["that grows by more than stays in memory at a time", "x".repeat(8_000)],
])("subscribers that join in the middle of a burst %s see the whole of it once", async (_name, text) => {
  const story = await seedStory(ctx);
  const token = server.credential(await story.member());
  const join = () =>
    follow(
      () => server.url,
      story.execution,
      () => token,
    );
  const early = join();
  const writing = writeBurst(story, 500, seeded(7), { writers: 6, text });
  const late = [];
  for (const at of [50, 150, 300]) {
    await until(() => early.seqs.length > at);
    late.push(join());
  }
  await writing;
  for (const follower of [early, ...late]) {
    await follower.done;
    expect(follower.seqs).toEqual(upTo(500));
  }
});

test("a reader whose position is pruned while its server lags by pages is sent to the head, not to where the reading has come", async () => {
  // Another process: its wake-ups do not reach the server's.
  const story = await seedStory(await makeContext(database));
  const { executionId } = story;
  const lagging = await startLiveServer(ctx, { recheckHeadsMs: 600_000 });
  const token = lagging.credential(await story.member());
  const client = await connectSocket(lagging.url, { params: { authorization: token } });
  const operation = client.subscribe(RUN, { id: story.execution });
  await operation.data();
  await story.append(1_200);
  await ctx.db.streamEvent.deleteMany({ where: { streamId: executionId, seq: { lte: 300 } } });
  await ctx.db.streamHead.update({ where: { streamId: executionId }, data: { firstSeq: 301 } });
  ctx.bus.wake([executionId]);
  expect(await operation.data()).toMatchObject({
    batch: {
      events: [],
      reset: true,
      caughtUp: true,
      cursor: encodeCursor({ streamId: executionId, seq: 1_200, epoch: ctx.epoch }),
    },
  });
  await story.append(1);
  ctx.bus.wake([executionId]);
  expect(await operation.data()).toMatchObject({ batch: { events: [{ seq: 1_201 }], reset: false } });
  await client.close();
  await lagging.stop();
});

test("a server restart in the middle: clients come back to the new one and miss nothing", async () => {
  const story = await seedStory(ctx);
  const actor = await story.member();
  let current: LiveTestServer = await startLiveServer(ctx);
  let token = current.credential(actor);
  const followers = Array.from({ length: 5 }, () =>
    follow(
      () => current.url,
      story.execution,
      () => token,
    ),
  );
  const writing = writeBurst(story, 600, seeded(11), { writers: 3 });
  for (const at of [100, 300]) {
    await until(() => followers.every((f) => f.seqs.length > at));
    await current.stop();
    current = await startLiveServer(ctx, { port: current.port });
    token = current.credential(actor);
  }
  await writing;
  for (const follower of followers) {
    await follower.done;
    expect(follower.seqs).toEqual(upTo(600));
    expect(follower.sockets).toBeGreaterThan(1);
    expect(follower.resets).toBe(0);
  }
  await current.stop();
});
