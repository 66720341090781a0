import { sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { deferred, until } from "@shiplog/testkit/deferred";
import { proxyDatabase } from "@shiplog/testkit/proxy";
import { postgresNotifications } from "@shiplog/testkit/proxy/messages";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { createPgBus } from "./bus-pg.ts";
import { ForbiddenError } from "./errors.ts";
import { createStreams } from "./live/index.ts";
import { seedStory } from "./live/testing/index.ts";

const database = await testDatabase();
const [here, there] = [createPgBus({ url: database.url }), createPgBus({ url: database.url })];
await Promise.all([here.ready, there.ready]);
const writer = await makeContext(database, { bus: here });
const server = await makeContext(database, { bus: there });
const streams = createStreams(server, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
afterAll(async () => {
  streams.close();
  await Promise.all([here.stop(), there.stop()]);
});

test("a write in one process wakes the readers of another, who ask for all heads in one statement", async () => {
  const story = await seedStory(writer);
  const reader = await streams.open({
    kind: "agent_execution",
    id: story.execution,
    actor: await story.member(),
  });
  await reader.next();
  const next = reader.next();
  await story.append(2);
  expect(await next).toMatchObject({ value: { events: [{ seq: 1 }, { seq: 2 }] } });
  await reader.return();
});

test("access lost in one process ends the streams of another", async () => {
  const story = await seedStory(writer);
  const actor = await story.member();
  const reader = await streams.open({ kind: "project", id: story.project, actor });
  await reader.next();
  const next = reader.next();
  await writer.db.projectMember.deleteMany({ where: { userId: actor.userId } });
  writer.bus.accessChanged();
  await expect(next).rejects.toThrow(ForbiddenError);
});

test("our own listeners hear their streams at once, others hear that anything may have grown", async () => {
  const own = deferred<readonly string[] | null>();
  const other = deferred<readonly string[] | null>();
  const stop = [here.onWake(own.resolve), there.onWake(other.resolve)];
  here.wake(["a"]);
  expect(await own.promise).toEqual(["a"]);
  expect(await other.promise).toBeNull();
  for (const end of stop) end();
});

test("a lost connection comes back, and whoever listens looks everything over", async () => {
  const woken = deferred<unknown>();
  const checked = deferred<unknown>();
  const stop = [there.onWake(woken.resolve), there.onAccessChanged(() => checked.resolve(null))];
  await database.db.$executeRaw(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'shiplog-notify'`);
  expect(await woken.promise).toBeNull();
  await checked.promise;
  for (const end of stop) end();
});

test("a connection that answers but delivers nothing is known to be deaf: everything is asked for each second", async () => {
  const { proxy, url } = await proxyDatabase(database.url);
  onTestFinished(() => proxy.close());
  const passing = { on: true };
  proxy.filter(postgresNotifications((bytes) => (passing.on ? [{ bytes }] : [])));
  const deaf = createPgBus({ url, heartbeatMs: 50 });
  onTestFinished(() => deaf.stop());
  await deaf.ready;
  passing.on = false;
  await until(() => !deaf.connected);
  const seen = { wakes: 0, changes: 0 };
  deaf.onWake(() => seen.wakes++);
  deaf.onAccessChanged(() => seen.changes++);
  await until(() => seen.wakes > 1 && seen.changes > 1);
  expect(deaf.connected).toBe(false);
  passing.on = true;
  await until(() => deaf.connected);
});
