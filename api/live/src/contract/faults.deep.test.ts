import { setTimeout as delay } from "node:timers/promises";
import { invalidateSession } from "@shiplog/core/account";
import { until } from "@shiplog/testkit/deferred";
import { cleanUp } from "@shiplog/testkit/process";
import { afterAll, expect, type TestContext, test } from "vitest";
import { startAnalysis } from "./testing/analysis.ts";
import { type FaultyProcess, type FaultyWorld, openFaultyWorld } from "./testing/faulty.ts";
import { graphqlWs } from "./testing/sockets.ts";
import { type Watched, watch } from "./testing/watchers.ts";

/** From the return of what was away, for every client to have what was written since. */
const RECOVERY_MS = 5_000;
const PARTITION_MS = 30_000;

afterAll(cleanUp);

/** `context`: of several tests at a time only its own tells which one is meant. */
async function open({ onTestFinished }: TestContext, bus: "PostgreSQL" | "Redis") {
  const world = await openFaultyWorld(bus);
  onTestFinished(() => world.stop());
  return { ...world, watched: await watch(world.ctx, world.servers, 4) };
}

/** Wake-ups that are lost, doubled, late and unreadable in turn, then none at all: what is written arrives in time. */
async function disturbed({ disturb, servers: [deaf] }: FaultyWorld, watched: Watched) {
  disturb("disturbed");
  for (let round = 0; round < 3; round++) await watched.delivered();
  disturb("lost");
  for (let round = 0; round < 2; round++) await watched.delivered();
  // Its connections answer, and still it knows.
  await says(deaf, "degraded");
  disturb("passed");
  await Promise.all([watched.delivered(), says(deaf, "ok")]);
}

async function says(process: FaultyProcess, health: string) {
  const said: string[] = [];
  const asked = until(async () => {
    said.push(await process.health());
    return said.at(-1) === health;
  }, RECOVERY_MS);
  await asked.catch(() => expect.fail(`says ${[...new Set(said)]}, at last ${said.at(-1)}, not ${health}`));
}

/** Looks again and again until so long after `began`. */
async function during(began: number, ms: number, look: () => Promise<void>) {
  while (performance.now() - began < ms) {
    await look();
    await delay(1_000);
  }
}

test.concurrent("PostgreSQL: disturbed wake-ups, partitions, a restart and a crash", async (context) => {
  const { watched, ...world } = await open(context, "PostgreSQL");
  const { worker, servers } = world;
  const [cut, other] = servers;
  await disturbed(world, watched);

  const parted = [cut, worker];
  for (const { database } of parted) database.blackhole();
  const began = performance.now();
  const before = watched.at(cut).map((record) => record.seqs.length);
  await Promise.all(parted.map((process) => says(process, "unavailable")));
  const waiting = await startAnalysis(other.shiplog.url);
  await during(began, PARTITION_MS, async () => {
    await watched.delivered(watched.at(other));
    const health = await Promise.all([cut, other, worker].map((process) => process.health()));
    expect(health).toEqual(["unavailable", "ok", "unavailable"]);
  });
  expect(watched.at(cut).every((record, index) => record.seqs.length - (before[index] ?? 0) < 100)).toBe(
    true,
  );
  const { record, stop } = graphqlWs({ ...waiting, url: other.url, token: () => waiting.token });
  for (const { database } of parted) database.heal();
  await Promise.all([
    watched.delivered(),
    ...parted.map((process) => says(process, "ok")),
    until(() => record.statuses.includes("RUNNING"), RECOVERY_MS),
  ]);
  expect(await record.end).toBe("complete");
  stop();

  // As long as TCP tries again, what was sent before arrives after all.
  other.database.blackhole({ keep: true });
  await says(other, "unavailable");
  await watched.delivered(watched.at(cut));
  other.database.heal();
  await Promise.all([watched.delivered(), says(other, "ok")]);

  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    await world.postgres.restart(signal);
    await Promise.all([watched.delivered(), ...servers.map((server) => says(server, "ok"))]);
  }
  await watched.finish();
});

test.concurrent("Redis: disturbed wake-ups, a partition of 30 s, a restart; the database tells what Redis does not", async (context) => {
  const { watched, ...world } = await open(context, "Redis");
  const { servers } = world;
  const [cut, other] = servers;
  await disturbed(world, watched);

  cut.redis.blackhole();
  const began = performance.now();
  await watched.delivered();
  // Nobody can tell the server that is cut off: it asks, as soon as it knows that it hears nothing.
  await revoked(world, cut.url, 5_000);
  await revoked(world, cut.url, 2_500);
  await during(began, PARTITION_MS, async () => {
    await watched.delivered();
    expect([await cut.health(), await other.health()]).toEqual(["degraded", "ok"]);
  });
  cut.redis.heal();
  await Promise.all([watched.delivered(), says(cut, "ok")]);

  await world.redis.kill();
  await Promise.all([watched.delivered(), ...servers.map((server) => says(server, "degraded"))]);
  await world.redis.start();
  await Promise.all([watched.delivered(), ...servers.map((server) => says(server, "ok"))]);
  await until(() => world.heard(), RECOVERY_MS);
  for (const { url } of servers) await revoked(world, url, 1_500);
  await watched.finish();
});

/** A session that is ended in another process: its socket is closed within that time. */
async function revoked(world: FaultyWorld, url: string, withinMs: number) {
  const story = await world.story();
  const { token, actor } = await story.reader();
  const { record, stop } = graphqlWs({ url, execution: story.execution, token: () => token });
  await until(() => record.connections > 0 && record.cursor !== null);
  await invalidateSession(world.ctx, actor.sessionId);
  const began = performance.now();
  expect(await record.end).toEqual({ close: 4401 });
  expect(performance.now() - began).toBeLessThan(withinMs);
  stop();
}
