import { seedStory } from "@shiplog/core/live/testing";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { type EventReader, openEvents } from "@shiplog/testkit/sse";
import { afterAll, expect, test } from "vitest";
import { RUN, type TestBatch } from "./testing/documents.ts";
import { startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const server = await startLiveServer(ctx, { limits: { keepAliveMs: 200, expiryMs: 20 } });
afterAll(() => server.stop());

type Message = { data: { batch: TestBatch }; errors?: { extensions: { code: string } }[] };

async function signedIn() {
  const story = await seedStory(ctx);
  const actor = await story.member();
  const headers = { authorization: `Bearer ${server.credential(actor)}` };
  const open = (variables: object = {}, more: Record<string, string> = {}) =>
    openEvents(
      server.url,
      { query: RUN, variables: { id: story.execution, ...variables } },
      { ...headers, ...more },
    );
  return { ...story, actor, headers, open };
}

async function next(reader: EventReader) {
  const message = await reader.message<Message>();
  return {
    event: message?.event,
    id: message?.id,
    batch: message?.data?.data?.batch,
    errors: message?.data?.errors,
  };
}

test("frames carry the batch and its cursor as id; the end is complete, then the response is over", async () => {
  const { open, append } = await signedIn();
  await append(2);
  const reader = await open();
  expect(reader.response.status).toBe(200);
  expect(reader.response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const one = await next(reader);
  expect(one).toMatchObject({ event: "next", batch: { events: [{ seq: 1 }, { seq: 2 }] } });
  expect(one.id).toBe(one.batch?.cursor);
  await append(1, { ends: true });
  expect(await next(reader)).toMatchObject({ event: "next", batch: { events: [{ seq: 3 }] } });
  expect(await reader.message()).toEqual({ event: "complete", id: null, data: null });
  expect(await reader.next()).toBeNull();
});

test("Last-Event-ID overrides after and tail; a finished stream answers 204 to a reconnect, once all was sent", async () => {
  const { open, append } = await signedIn();
  await append(3);
  const reader = await open({ tail: 1 });
  const { id } = await next(reader);
  reader.close();
  await append(2);
  const resumed = await open({ tail: 1 }, { "last-event-id": id! });
  const rest = await next(resumed);
  expect(rest.batch?.events.map((e) => e.seq)).toEqual([4, 5]);
  resumed.close();
  await append(1, { ends: true });
  const last = await next(await open({ after: "ignored" }, { "last-event-id": rest.id! }));
  expect(last.batch?.events.map((e) => e.seq)).toEqual([6]);
  const finished = await open({}, { "last-event-id": last.id! });
  expect(finished.response.status).toBe(204);
  expect(await next(await open({}, { "last-event-id": "garbage" }))).toMatchObject({
    batch: { reset: true },
  });
  expect(await next(await open({ after: last.id }))).toMatchObject({ event: "next", batch: { events: [] } });
});

test("GET serves an EventSource; what is not a subscription is left to others, with its body", async () => {
  const { headers, execution } = await signedIn();
  const asked = new URLSearchParams({ query: RUN, variables: JSON.stringify({ id: execution }) });
  const abort = new AbortController();
  const response = await fetch(`${server.url}?${asked}`, {
    headers: { ...headers, accept: "text/event-stream" },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  abort.abort();
  for (const query of ["{ ok }", "mutation { ok }", "subscription {", "x"]) {
    expect((await openEvents(server.url, { query }, headers)).response.status).toBe(418);
  }
  const plain = await fetch(`${server.url}?${asked}`, {
    headers: { ...headers, accept: "application/json" },
  });
  expect(plain.status).toBe(418);
});

test.each([
  ["no credential", RUN, {}, { authorization: "" }, 401],
  ["an unknown execution", RUN, { id: "aex_0" }, {}, 404],
  ["after and tail", RUN, { after: "x", tail: 1 }, {}, 400],
  ["an unknown field", "subscription { nothing }", {}, {}, 400],
])(
  "%s is answered with a status, so that an event source stops",
  async (_name, query, variables, more, status) => {
    const { headers, execution } = await signedIn();
    const body = { query, variables: { id: execution, ...variables } };
    const { response } = await openEvents(server.url, body, { ...headers, ...more });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/json/);
  },
);

test("an idle response shows signs of life", async () => {
  const { open } = await signedIn();
  const reader = await open();
  await next(reader);
  expect(await reader.next()).toMatchObject({ event: "", data: "" });
  reader.close();
});

test("a lost membership is an error and the end; a lost session or an expired token only ends the response", async () => {
  const [a, b, c] = await Promise.all([signedIn(), signedIn(), signedIn()]);
  const expiring = server.credential(c.actor, new Date(clock.now().getTime() + 1000));
  const readers = await Promise.all([a.open(), b.open(), c.open({}, { authorization: expiring })]);
  await Promise.all(readers.map(next));
  await ctx.db.projectMember.deleteMany({ where: { userId: a.actor.userId } });
  await ctx.db.session.update({ where: { id: b.actor.sessionId }, data: { revokedAt: clock.now() } });
  ctx.bus.accessChanged();
  expect(await next(readers[0])).toMatchObject({
    event: "next",
    errors: [{ extensions: { code: "FORBIDDEN" } }],
  });
  expect(await next(readers[0])).toMatchObject({ event: "complete" });
  expect(await readers[1].message()).toBeNull();
  clock.advance(1000);
  expect(await readers[2].message()).toBeNull();
});
