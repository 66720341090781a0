import { setImmediate } from "node:timers/promises";
import type { Context } from "@shiplog/core";
import { seedStory } from "@shiplog/core/live/testing";
import { expect } from "vitest";
import { follow, seeded, upTo, writeBurst } from "./follow.ts";
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
  const written = { done: false };
  const writing = writeBurst(story, size.events, random).then(() => {
    written.done = true;
  });
  let kills = 0;
  while (kills < size.kills) {
    const follower = followers[Math.floor(random() * followers.length)];
    const before = follower?.sockets ?? 0;
    follower?.kill();
    kills++;
    // The next kill of this follower must hit another socket.
    while (follower && follower.sockets === before && !(await ended(follower.done))) await setImmediate();
    if (written.done && (await ended(Promise.all(followers.map((f) => f.done))))) break;
  }
  await writing;
  await Promise.all(followers.map((follower) => follower.done));
  expect(kills).toBe(size.kills);
  for (const follower of followers) {
    expect(follower.seqs).toEqual(upTo(size.events));
    expect(follower.resets).toBe(0);
  }
}

async function ended(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), setImmediate(false)]);
}
