import { setImmediate } from "node:timers/promises";
import type { Context } from "@shiplog/core";
import { seedStory } from "@shiplog/core/live/testing";
import { until } from "@shiplog/testkit/deferred";
import { expect } from "vitest";
import { follow, seeded, upTo } from "./follow.ts";
import type { LiveTestServer } from "./server.ts";

/** Followers whose sockets are killed at random while a stream is written: nothing lost, doubled or reordered. */
export async function killAtRandom(
  ctx: Context,
  server: LiveTestServer,
  size: {
    readonly events: number;
    readonly kills: number;
    readonly followers: number;
    readonly seed: number;
  },
): Promise<void> {
  console.log(`random socket kills, seed ${size.seed}`);
  const random = seeded(size.seed);
  const story = await seedStory(ctx);
  const token = server.credential(await story.member());
  const followers = Array.from({ length: size.followers }, () =>
    follow(
      () => server.url,
      story.execution,
      () => token,
    ),
  );
  await until(() => followers.every((follower) => follower.sockets === 1));
  let written = 0;
  const write = async (count: number) => {
    written += count;
    await story.append(count);
  };
  const share = Math.floor(size.events / size.kills / 2);
  for (let kill = 0; kill < size.kills; kill++) {
    const writing = [write(share), write(1 + Math.floor(random() * share))];
    for (let turns = Math.floor(random() * 8); turns > 0; turns--) await setImmediate();
    const follower = followers[kill % followers.length];
    const before = follower?.sockets ?? 0;
    follower?.kill();
    await Promise.all(writing);
    // Every kill hits a socket that is open.
    await until(() => follower?.sockets !== before);
  }
  await write(size.events - written - 1);
  await story.append(1, { ends: true });
  await Promise.all(followers.map((follower) => follower.done));
  expect(followers.reduce((sum, f) => sum + f.sockets, 0)).toBe(size.kills + size.followers);
  for (const follower of followers) {
    expect(follower.seqs).toEqual(upTo(size.events));
    expect(follower.resets).toBe(0);
  }
}
