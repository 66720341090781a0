import { invalidateSession, revoke } from "@shiplog/core/account";
import { until } from "@shiplog/testkit/deferred";
import { expect, test } from "vitest";
import type { Follow, Record } from "../record.ts";
import { eventSource, eventSourceCookie, fetchReader } from "../responses.ts";
import { apollo, graphqlWs, urql } from "../sockets.ts";
import { theWorld } from "../world.ts";

const world = theWorld();

/** Clients as they are published, and whether they hold a socket. */
const CLIENTS: [name: string, follow: Follow, socket: boolean][] = [
  ["graphql-ws", graphqlWs, true],
  ["urql", urql, true],
  ["Apollo Client", apollo, true],
  ["a fetch reader", fetchReader, false],
  ["EventSource with a token", eventSource, false],
  ["EventSource with a cookie", eventSourceCookie, false],
];

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const seen = (record: Record, seq: number) => until(() => record.lastSeq >= seq);

test.concurrent.each(CLIENTS)(
  "%s: from the start, cut off twice on the way, to the end: each event once, in order",
  async (_name, follow) => {
    const story = await world.story();
    const { url, proxy } = await world.network();
    const { token } = await story.reader();
    await story.append(20);
    const { record, stop } = follow({ url, execution: story.execution, token: () => token });
    await seen(record, 20);
    await story.append(5);
    await seen(record, 25);
    for (const total of [32, 39]) {
      const [before] = [record.connections, proxy.cut()];
      // Written while nobody is connected, and just after.
      await story.append(4);
      await until(() => record.connections > before);
      await story.append(3);
      await seen(record, total);
    }
    await story.finish();
    expect(await record.end).toBe("complete");
    expect(record.seqs).toEqual(upTo(40));
    expect(record).toMatchObject({ resets: 0, statuses: ["COMPLETED"], connections: 3 });
    stop();
  },
);

test.concurrent.each(CLIENTS)("%s: a lost membership is its end, with FORBIDDEN", async (_name, follow) => {
  const story = await world.story();
  const { token, actor } = await story.reader();
  await story.append(2);
  const { record, stop } = follow({ url: world.url, execution: story.execution, token: () => token });
  await seen(record, 2);
  await world.ctx.db.projectMember.deleteMany({ where: { userId: actor.userId } });
  revoke(world.ctx, { userId: actor.userId });
  expect(await record.end).toEqual({ error: "FORBIDDEN" });
  expect(record).toMatchObject({ seqs: [1, 2], connections: 1 });
  stop();
});

test.concurrent.each(CLIENTS)("%s: a logout is its end, by 4401 or 401", async (_name, follow, socket) => {
  const story = await world.story();
  const { token, actor } = await story.reader();
  await story.append(2);
  const { record, stop } = follow({ url: world.url, execution: story.execution, token: () => token });
  await seen(record, 2);
  await invalidateSession(world.ctx, actor.sessionId);
  expect(await record.end).toEqual({ close: socket ? 4401 : 401 });
  expect(record).toMatchObject({ seqs: [1, 2], connections: 1 });
  stop();
});

test.concurrent.each(CLIENTS.filter(([name]) => !name.includes("cookie")))(
  "%s: a token that runs out is renewed, and nothing is lost",
  async (_name, follow) => {
    const story = await world.story();
    const reader = await story.reader({ lifeMs: 2_500 });
    await story.append(2);
    const tokens = [reader.token];
    const { record, stop } = follow({
      url: world.url,
      execution: story.execution,
      token: async () => tokens.shift() ?? (await reader.renew()),
    });
    await seen(record, 2);
    await until(() => record.connections > 1);
    await story.append(2);
    await seen(record, 4);
    await story.finish();
    expect(await record.end).toBe("complete");
    expect(record).toMatchObject({ seqs: [1, 2, 3, 4, 5], connections: 2, resets: 0 });
    stop();
  },
);

test.concurrent("a client that comes back with its old variables gets events again; seq tells them apart", async () => {
  const story = await world.story();
  const { url, proxy } = await world.network();
  const { token } = await story.reader();
  await story.append(3);
  const target = { url, execution: story.execution, token: () => token };
  const { record, stop } = graphqlWs(target, { resume: false });
  await seen(record, 3);
  proxy.cut();
  await until(() => record.connections > 1 && record.seqs.length > 3);
  await story.finish();
  expect(await record.end).toBe("complete");
  expect(record.seqs).toEqual([1, 2, 3, 1, 2, 3, 4]);
  stop();
});

test.concurrent("graphql-ws renews its token by a ping: the socket outlives the first one, and so the stream", async () => {
  const story = await world.story();
  const reader = await story.reader({ lifeMs: 4_000 });
  const expires = Date.now() + 4_000;
  let socket: WebSocket | undefined;
  const target = { url: world.url, execution: story.execution, token: () => reader.token };
  const { record, stop } = graphqlWs(target, { onSocket: (opened) => (socket = opened) });
  await story.append(1);
  await seen(record, 1);
  socket?.send(JSON.stringify({ type: "ping", payload: { authorization: await reader.renew() } }));
  // Looked over for expiry twice a second.
  await until(() => Date.now() > expires + 1_000);
  await story.finish();
  expect(await record.end).toBe("complete");
  expect(record).toMatchObject({ seqs: [1, 2], connections: 1 });
  stop();
});
