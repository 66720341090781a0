import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, expect, test } from "vitest";
import { ForbiddenError, UnauthenticatedError } from "../errors.ts";
import { createStreams } from "./streams.ts";
import { seedStory } from "./testing/seed.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const streams = createStreams(ctx, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
afterAll(() => streams.close());

test("a removed member's streams end with FORBIDDEN, a revoked session's and key's with UNAUTHENTICATED", async () => {
  const story = await seedStory(ctx);
  const [removed, loggedOut, stays] = await Promise.all([story.member(), story.member(), story.member()]);
  const revoked = await story.key(["agent:read"]);
  const actors = [removed, loggedOut, stays, revoked];
  const readers = await Promise.all(
    actors.map((actor) => streams.open({ kind: "agent_execution", id: story.execution, actor })),
  );
  await Promise.all(readers.map((reader) => reader.next()));
  const ends = readers.map((reader) => reader.next().catch((error: unknown) => error));
  await ctx.db.projectMember.deleteMany({ where: { userId: removed.userId } });
  await ctx.db.session.update({ where: { id: loggedOut.sessionId }, data: { revokedAt: clock.now() } });
  await ctx.db.apiKey.update({ where: { id: revoked.keyId }, data: { revokedAt: clock.now() } });
  ctx.bus.accessChanged();
  expect(await ends[0]).toBeInstanceOf(ForbiddenError);
  expect(await ends[1]).toBeInstanceOf(UnauthenticatedError);
  expect(await ends[3]).toBeInstanceOf(UnauthenticatedError);
  await story.append(1);
  expect(await ends[2]).toMatchObject({ done: false, value: { events: [{ seq: 1 }] } });
  await readers[2]?.return();
});

test("what was written before the loss but not delivered is not delivered any more", async () => {
  const story = await seedStory(ctx);
  const actor = await story.member();
  const reader = await streams.open({ kind: "project", id: story.project, actor });
  await story.append(5);
  await ctx.db.projectMember.deleteMany({ where: { userId: actor.userId } });
  ctx.bus.accessChanged();
  await streams.access.check();
  await expect(reader.next()).rejects.toThrow(ForbiddenError);
  expect(await reader.next()).toMatchObject({ done: true });
});

test("an expired session and a disabled user lose their streams at the next look, in three statements", async () => {
  const story = await seedStory(ctx);
  const [expired, disabled] = await Promise.all([story.member(), story.member()]);
  const key = await story.key(["agent:read"], new Date(clock.now().getTime() + 1000));
  const actors = [expired, disabled, key];
  const readers = await Promise.all(
    actors.map((actor) => streams.open({ kind: "agent_execution", id: story.execution, actor })),
  );
  await ctx.db.session.update({ where: { id: expired.sessionId }, data: { expiresAt: clock.now() } });
  await ctx.db.user.update({ where: { id: disabled.userId }, data: { disabledAt: clock.now() } });
  clock.advance(1000);
  expect(await database.statements(() => streams.access.check())).toHaveLength(3);
  for (const reader of readers) await expect(reader.next()).rejects.toThrow(UnauthenticatedError);
});

test("a loss between the decision and the opening is seen", async () => {
  const story = await seedStory(ctx);
  const actor = await story.member();
  // Awaited later: the loss may be found before the changes below have come back.
  const outcome = streams
    .open({ kind: "agent_execution", id: story.execution, actor })
    .then((reader) => reader.next().then(() => reader.next()))
    .catch((error: unknown) => error);
  await ctx.db.projectMember.deleteMany({ where: { userId: actor.userId } });
  ctx.bus.accessChanged();
  expect(await outcome).toMatchObject({ code: expect.stringMatching(/FORBIDDEN|NOT_FOUND/) });
});
