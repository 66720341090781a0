import { createPgBus } from "@shiplog/core";
import { readEvents } from "@shiplog/core/live";
import { RING } from "@shiplog/testkit/cluster";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { cleanUp, startShiplog } from "@shiplog/testkit/process";
import { proxyDatabase, startProxy } from "@shiplog/testkit/proxy";
import { statementCount } from "@shiplog/testkit/proxy/messages";
import { afterAll, expect, test } from "vitest";
import { eventSource } from "./testing/responses.ts";
import { graphqlWs } from "./testing/sockets.ts";
import { openStory } from "./testing/world.ts";

const RUNS = 50;
const WATCHERS = 10;
const BACK_MS = 5_000;

const database = await testDatabase();
const network = await proxyDatabase(database.url);
const statements = statementCount();
network.proxy.tap(statements.tap);
const bus = createPgBus({ url: database.url });
await bus.ready;
const ctx = await makeContext(database, { bus });
const env = {
  DATABASE_URL: network.url,
  SHIPLOG_KEYS: RING,
  SHIPLOG_RATE_LIMIT: "0",
  SHIPLOG_ROLE: "server",
};
const servers = [await startShiplog({ env }), await startShiplog({ env })];
const ports = servers.map(({ url }) => new URL(url).port);
/** Sends nobody to a server that was told to stop, as one that asks for its health does. */
const balancer = await startProxy();
const balance = (without?: string) =>
  balancer.target(...ports.filter((port) => port !== without).map(Number));
balance();

afterAll(async () => {
  await balancer.close();
  await cleanUp();
  await network.proxy.close();
  await bus.stop();
});

/** Half of them by WebSocket, coming back after up to a second at random, half as event sources, when they are told to. */
function follow(execution: string, token: string, index: number) {
  const target = { url: `http://127.0.0.1:${balancer.port}/graphql`, execution, token: () => token };
  return index % 2 === 0 ? graphqlWs(target, { pause: () => Math.random() * 1_000 }) : eventSource(target);
}

test("two servers restart one after the other under 500 streams: nothing lost or doubled, all back within 5 s", async () => {
  const stories = await Promise.all(Array.from({ length: RUNS }, () => openStory(ctx)));
  const clients = await Promise.all(
    stories.map(async (story) => {
      const { token } = await story.reader();
      return Array.from({ length: WATCHERS }, (_, index) => ({
        story,
        ...follow(story.execution, token, index),
      }));
    }),
  ).then((all) => all.flat());
  await until(() => clients.every(({ record }) => record.cursor !== null), 60_000);

  let writing = true;
  const written = (async () => {
    for (let turn = 0; writing; turn++) {
      await stories[turn % RUNS]?.append(1 + (turn % 3));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const interruptions = () => clients.reduce((sum, { record }) => sum + record.gaps.length, 0);
  for (const [index, port] of ports.entries()) {
    const before = interruptions();
    balance(port);
    const stopped = servers[index]?.stop();
    await until(() => clients.some(({ record }) => record.away), 30_000);
    statements.counts.clear();
    await stopped;
    await until(() => interruptions() > before && clients.every(({ record }) => !record.away), 30_000);
    report(interruptions() - before);
    await startShiplog({ env: { ...env, PORT: port } });
    balance();
  }
  writing = false;
  await written;
  for (const story of stories) await story.finish();
  const gaps = clients.flatMap(({ record }) => record.gaps);
  console.log(`${gaps.length} interruptions, the longest ${Math.round(Math.max(...gaps))} ms`);
  expect(gaps.length).toBeGreaterThanOrEqual(RUNS * WATCHERS);
  expect(Math.max(...gaps)).toBeLessThan(BACK_MS);
  for (const { record, story, stop } of clients) {
    expect(await record.end).toBe("complete");
    const log = await readEvents(ctx.db, story.executionId, 0, 1_000_000);
    expect(record.seqs).toEqual(log.map(({ seq }) => seq));
    expect(record.resets).toBe(0);
    stop();
  }
});

/** What the servers asked of the database while the clients of one came back. */
function report(returned: number) {
  const all = [...statements.counts].sort(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${returned} clients back, ${total} statements (${(total / returned).toFixed(2)} each)`);
  for (const [text, count] of all.slice(0, 6)) console.log(count, text.replaceAll(/\s+/g, " ").slice(0, 110));
  expect(total / returned).toBeLessThan(MOST_STATEMENTS);
}

/**
 * For each client that comes back: its session, its role and the head, unless those of several are asked for at once; and
 * the reading of what is written meanwhile. What it missed comes from memory.
 */
const MOST_STATEMENTS = 4;
