import type { TokenPermission } from "@shiplog/core";
import { seedStory } from "@shiplog/core/live/testing";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { connectSocket, type SocketOperation } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { PROJECT, RUN, type TestBatch } from "./testing/documents.ts";
import { ORIGIN, startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const server = await startLiveServer(ctx, { limits: { expiryMs: 20 } });
afterAll(() => server.stop());

const minute = 60_000;
const later = (ms: number) => new Date(clock.now().getTime() + ms);
const first = (operation: SocketOperation) => operation.data<{ batch: TestBatch }>();

/** The answer, and how long it took from the start of `work` (ms). */
async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const start = performance.now();
  return { answer: await work(), ms: performance.now() - start };
}

test("removing a member ends exactly his streams of that project within a second, error FORBIDDEN", async () => {
  const [story, other] = await Promise.all([seedStory(ctx), seedStory(ctx)]);
  const [leaves, stays] = await Promise.all([story.member(), story.member()]);
  await ctx.db.projectMember.create({
    data: { projectId: other.projectId, userId: leaves.userId, role: "viewer", createdAt: clock.now() },
  });
  const [client, bystander] = await Promise.all(
    [leaves, stays].map((actor) =>
      connectSocket(server.url, { params: { authorization: server.credential(actor) } }),
    ),
  );
  const lost = [
    client!.subscribe(RUN, { id: story.execution }),
    client!.subscribe(PROJECT, { id: story.project }),
  ];
  const kept = [
    client!.subscribe(RUN, { id: other.execution }),
    bystander!.subscribe(RUN, { id: story.execution }),
  ];
  await Promise.all([...lost, ...kept].map(first));
  const { answer, ms } = await timed(async () => {
    await ctx.db.projectMember.deleteMany({ where: { userId: leaves.userId, projectId: story.projectId } });
    ctx.bus.accessChanged();
    return Promise.all(lost.map((operation) => operation.next()));
  });
  for (const message of answer) {
    expect(message).toMatchObject({ type: "error", payload: [{ extensions: { code: "FORBIDDEN" } }] });
  }
  expect(ms).toBeLessThan(1000);
  await Promise.all([story.append(1), other.append(1)]);
  for (const operation of kept) expect((await first(operation)).batch.events).toHaveLength(1);
  expect(lost[0]!.messages.size).toBe(0);
  await Promise.all([client!.close(), bystander!.close()]);
});

test("logout and key revocation close the socket with 4401 within a second; other sockets stay", async () => {
  const story = await seedStory(ctx);
  const [user, other, key] = await Promise.all([story.member(), story.member(), story.key(["agent:read"])]);
  const [loggedOut, stays, revoked] = await Promise.all(
    [user, other, key].map((actor) =>
      connectSocket(server.url, { params: { authorization: server.credential(actor) } }),
    ),
  );
  await first(loggedOut!.subscribe(RUN, { id: story.execution }));
  const { answer, ms } = await timed(async () => {
    await ctx.db.session.update({ where: { id: user.sessionId }, data: { revokedAt: clock.now() } });
    await ctx.db.apiKey.update({ where: { id: key.keyId }, data: { revokedAt: clock.now() } });
    ctx.bus.accessChanged();
    return Promise.all([loggedOut!.closed, revoked!.closed]);
  });
  expect(answer.map(({ code }) => code)).toEqual([4401, 4401]);
  expect(ms).toBeLessThan(1000);
  await first(stays!.subscribe(RUN, { id: story.execution }));
  await stays!.close();
});

test("an access token that runs out closes with 4403, a key that does with 4401, a cookie lives on", async () => {
  const story = await seedStory(ctx);
  const [user, key] = await Promise.all([story.member(), story.key(["agent:read"])]);
  const ends = later(15 * minute);
  const bearer = { params: { authorization: server.credential(user, ends) } };
  const cookie = { headers: { origin: ORIGIN, cookie: `session=${server.credential(user, ends)}` } };
  const [token, keyed, page] = await Promise.all([
    connectSocket(server.url, bearer),
    connectSocket(server.url, { params: { authorization: server.credential(key, ends) } }),
    connectSocket(server.url, cookie),
  ]);
  const operation = page.subscribe(RUN, { id: story.execution });
  await first(operation);
  clock.advance(15 * minute);
  expect(await token.closed).toMatchObject({ code: 4403 });
  expect(await keyed.closed).toMatchObject({ code: 4401 });
  await story.append(1);
  expect((await first(operation)).batch.events).toHaveLength(1);
  await page.close();
});

test("a stream token is renewed by one that may no less, not by one that only appends", async () => {
  const story = await seedStory(ctx);
  const issuer = await story.member("developer");
  const token = (...permissions: readonly TokenPermission[]) => {
    const target = { kind: "agent_execution", id: story.executionId } as const;
    const { projectId } = story;
    const actor = { type: "token", tokenId: ctx.newId(), issuer, projectId, target, permissions } as const;
    return server.credential(actor, later(minute));
  };
  const client = await connectSocket(server.url, { params: { authorization: token("read") } });
  const operation = client.subscribe(RUN, { id: story.execution });
  await first(operation);
  clock.advance(minute / 2);
  client.send({ type: "ping", payload: { authorization: token("append", "read") } });
  expect(await client.control.next()).toEqual({ type: "pong" });
  clock.advance(minute / 2);
  await story.append(1);
  expect((await first(operation)).batch.events).toHaveLength(1);
  client.send({ type: "ping", payload: { authorization: token("append") } });
  expect(await client.closed).toMatchObject({ code: 4403 });
});

test("a ping with a new access token of the same session keeps socket and streams", async () => {
  const story = await seedStory(ctx);
  const user = await story.member();
  const authorization = server.credential(user, later(15 * minute));
  const client = await connectSocket(server.url, { params: { authorization } });
  const operation = client.subscribe(RUN, { id: story.execution });
  await first(operation);
  clock.advance(14 * minute);
  client.send({ type: "ping", payload: { authorization: server.credential(user, later(15 * minute)) } });
  expect(await client.control.next()).toEqual({ type: "pong" });
  clock.advance(2 * minute);
  client.send({ type: "ping", payload: { authorization: "a.b.bad" } });
  expect(await client.control.next()).toEqual({ type: "pong" });
  client.send({ type: "ping", payload: { nonce: 1 } });
  expect(await client.control.next()).toEqual({ type: "pong", payload: { nonce: 1 } });
  await story.append(1);
  expect((await first(operation)).batch.events).toHaveLength(1);
  client.send({ type: "ping", payload: { authorization: server.credential(await story.member()) } });
  expect(await client.closed).toMatchObject({ code: 4403 });
});

test("a lost membership ends a stream whatever it does: idle, between two batches, catching up, stalled", async () => {
  const story = await seedStory(ctx);
  await story.append(600, { text: "x".repeat(1_000) });
  const people = await Promise.all([1, 2, 3, 4].map(() => story.member()));
  const [idle, coalescing, behind, stalled] = await Promise.all(
    people.map((actor) => connectSocket(server.url, { params: { authorization: server.credential(actor) } })),
  );
  const live = [idle!, coalescing!].map((client) => client.subscribe(RUN, { id: story.execution, tail: 0 }));
  await Promise.all(live.map(first));
  stalled!.socket.pause();
  const late = [behind!, stalled!].map((client) => client.subscribe(RUN, { id: story.execution }));
  await first(late[0]!);
  // More batches than a silent stream sends at once: the fourth waits for its turn.
  for (let i = 0; i < 4; i++) await story.append(1);
  const { ms } = await timed(async () => {
    await ctx.db.projectMember.deleteMany({ where: { userId: { in: people.map(({ userId }) => userId) } } });
    ctx.bus.accessChanged();
    await server.settled();
  });
  expect(ms).toBeLessThan(1000);
  stalled!.socket.resume();
  const last = await story.append(1);
  for (const operation of [...live, ...late]) {
    const messages = await operation.rest();
    expect(messages.at(-1)).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    const seqs = messages.flatMap((message) =>
      message.type === "next"
        ? (message.payload.data as unknown as { batch: TestBatch }).batch.events.map(({ seq }) => seq)
        : [],
    );
    expect(seqs).not.toContain(last);
  }
  for (const client of [idle, coalescing, behind, stalled]) await client!.close();
});

test("another role, with which the stream may still be read, changes what is shown and leaves no gap", async () => {
  const story = await seedStory(ctx);
  const [promoted, stays] = await Promise.all([story.member("viewer"), story.member("viewer")]);
  const operations = await Promise.all(
    [promoted, stays].map(async (actor) => {
      const params = { authorization: server.credential(actor) };
      const operation = (await connectSocket(server.url, { params })).subscribe(RUN, { id: story.execution });
      await first(operation);
      return operation;
    }),
  );
  const groups = server.stats().groups;
  await ctx.db.projectMember.update({
    where: { projectId_userId: { projectId: story.projectId, userId: promoted.userId } },
    data: { role: "owner" },
  });
  ctx.bus.accessChanged();
  await server.settled();
  expect(server.stats().groups).toBe(groups + 1);
  for (let i = 0; i < 3; i++) await story.append(2);
  for (const operation of operations) {
    const seqs: number[] = [];
    while (seqs.length < 6) seqs.push(...(await first(operation)).batch.events.map(({ seq }) => seq));
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
  }
});
