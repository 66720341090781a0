import { type Context, createPgBus, createRedisBus } from "@shiplog/core";
import { createDb } from "@shiplog/db";
import { RING } from "@shiplog/testkit/cluster";
import { makeContext } from "@shiplog/testkit/context";
import { until } from "@shiplog/testkit/deferred";
import { type RunningShiplog, startShiplog } from "@shiplog/testkit/process";
import { proxyDatabase, startProxy, type TcpProxy } from "@shiplog/testkit/proxy";
import { type Judge, postgresNotifications, redisMessages } from "@shiplog/testkit/proxy/messages";
import {
  type PrivatePostgres,
  type PrivateRedis,
  startPostgres,
  startRedis,
} from "@shiplog/testkit/services";
import { expect } from "vitest";
import { type ContractStory, openStory } from "./world.ts";

/** A server, or a worker, whose ways to the database and to Redis are a test's to break. */
export interface FaultyProcess {
  /** The GraphQL endpoint of a server. */
  readonly url: string;
  readonly shiplog: RunningShiplog;
  readonly database: TcpProxy;
  readonly redis: TcpProxy;
  /** What it says of itself: "ok", "degraded" or "unavailable"; that it lives it has to say all the time. */
  health(): Promise<string>;
}

/** What becomes of the wake-ups that the first server is sent: "disturbed" is lost, twice, late and garbled in turn. */
type WakeUps = "passed" | "disturbed" | "lost";

export interface FaultyWorld {
  /** Writes past every fault. */
  readonly ctx: Context;
  readonly servers: readonly [FaultyProcess, FaultyProcess];
  readonly worker: FaultyProcess;
  readonly postgres: PrivatePostgres;
  readonly redis: PrivateRedis;
  disturb(wakeUps: WakeUps): void;
  /** The writer is heard by the others, as far as it can tell. */
  heard(): boolean;
  story(): Promise<ContractStory>;
  stop(): Promise<void>;
}

function disturber() {
  const state: { wakeUps: WakeUps; seen: number } = { wakeUps: "passed", seen: 0 };
  const judge: Judge = (bytes) => {
    if (state.wakeUps === "passed") return [{ bytes }];
    if (state.wakeUps === "lost") return [];
    switch (state.seen++ % 4) {
      case 0:
        return [];
      case 1:
        return [{ bytes }, { bytes }];
      case 2:
        return [{ bytes, lateMs: 1_500 }];
      default:
        return [{ bytes: garbled(bytes) }];
    }
  };
  return { state, judge };
}

async function healthOf(url: string): Promise<string> {
  const [live, ready] = await Promise.all([fetch(`${url}/health/live`), fetch(`${url}/health/ready`)]);
  const { status } = ((await ready.json()) as { data: { status: string } }).data;
  // The code is what balancers read.
  expect([live.status, ready.status]).toEqual([200, status === "unavailable" ? 503 : 200]);
  return status;
}

/** The same length, another content: no brace is left to parse. */
function garbled(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(/[{}"]/g, "?"), "latin1");
}

/** Two servers and a worker on a database and a Redis of their own; the first server's networks are disturbed. */
export async function openFaultyWorld(bus: "PostgreSQL" | "Redis"): Promise<FaultyWorld> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const { state, judge } = disturber();
  const closing: (() => Promise<unknown>)[] = [];
  const start = async (role: "server" | "worker", filtered: boolean): Promise<FaultyProcess> => {
    const database = await proxyDatabase(postgres.url);
    const redisProxy = await startProxy();
    redisProxy.target(redis.port);
    if (filtered) database.proxy.filter(postgresNotifications(judge));
    if (filtered) redisProxy.filter(redisMessages(judge));
    const env = {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: RING,
      SHIPLOG_RATE_LIMIT: "0",
      SHIPLOG_ROLE: role,
      SHIPLOG_WORKER_PORT: "0",
      ...(bus === "Redis" && { REDIS_URL: `redis://127.0.0.1:${redisProxy.port}` }),
    };
    const shiplog = await startShiplog({ env });
    closing.push(
      () => shiplog.stop(),
      () => database.proxy.close(),
      () => redisProxy.close(),
    );
    return {
      url: `${shiplog.url}/graphql`,
      shiplog,
      database: database.proxy,
      redis: redisProxy,
      health: () => healthOf(shiplog.url),
    };
  };
  const servers = [await start("server", true), await start("server", false)] as const;
  const worker = await start("worker", false);
  const db = createDb(postgres.url);
  const made =
    bus === "Redis"
      ? createRedisBus({ url: `redis://127.0.0.1:${redis.port}` })
      : createPgBus({ url: postgres.url });
  await until(() => made.connected);
  const ctx = await makeContext(
    { db },
    { bus: made, log: { debug() {}, info() {}, warn() {}, error: console.error } },
  );
  return {
    ctx,
    heard: () => made.connected,
    story: () => openStory(ctx),
    servers,
    worker,
    postgres,
    redis,
    disturb: (wakeUps) => {
      state.wakeUps = wakeUps;
    },
    stop: async () => {
      for (const close of closing) await close();
      await made.stop();
      await db.$disconnect();
      await Promise.all([postgres.stop(), redis.kill()]);
    },
  };
}
