import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { record, transact } from "@shiplog/core";
import { parseEnv } from "@shiplog/server/env";
import { createApp } from "@shiplog/server/http/app";
import { healthOf } from "@shiplog/server/http/health";
import { createLifecycle } from "@shiplog/server/lifecycle";
import { createServices, type Services } from "@shiplog/server/services";
import { createLog } from "@shiplog/server/telemetry/log";
import { openSeeing } from "@shiplog/server/telemetry/open";
import { eventCount, eventsAt, now, type Plan, type PlannedEvent, pace } from "../plan.ts";
import { answerCalls } from "../rpc.ts";
import { profiled } from "./profile.ts";
import { usage } from "./usage.ts";

export interface ProductOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** SHIPLOG_KEYS under which the database was seeded. */
  readonly keys: string;
}

/** Streams to write to, by the numbers that plans use. */
export interface Target {
  readonly name: "watched" | "silent";
  readonly projectId: string;
  /** UUIDs of agent executions. */
  readonly executions: readonly string[];
}

export interface WriteOrder {
  readonly plan: Plan;
  readonly target: Target;
  /** A folder for a profile of it; null: none is made. */
  readonly profile: string | null;
}

let services: Services | null = null;
/** Called with the streams that grew, before the hub is. */
let onWake: (streamIds: readonly string[]) => void = () => {};

/** The composed server of a process that does everything, its database given by us; resolves with its port. */
async function open({ databaseUrl, dataDir, keys }: ProductOptions): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const env = parseEnv({
    SHIPLOG_KEYS: keys,
    SHIPLOG_DATA_DIR: dataDir,
    SHIPLOG_RATE_LIMIT: "0",
    SHIPLOG_DEMO: "0",
  });
  const log = createLog(env.logLevel);
  const lifecycle = createLifecycle(log);
  const database = { url: databaseUrl, stop: async () => {}, onExit: () => {} };
  const seeing = await openSeeing(env, log, lifecycle);
  services = await createServices(env, database, `http://127.0.0.1:${port}`, { seeing, lifecycle });
  services.ctx.bus.onWake((streamIds) => onWake(streamIds ?? []));
  const health = await healthOf(services, lifecycle);
  const app = await createApp(env, services, { health, seeing, lifecycle });
  server.on("request", (request, response) => app.request(request, response));
  server.on("upgrade", (request, socket, head) => app.upgrade(request, socket, head));
  return port;
}

/**
 * Writes events through core, one transaction per tick, those of one stream after each other. Resolves with when
 * this process learned of each commit.
 */
async function write(order: WriteOrder): Promise<Float64Array> {
  return profiled(order.profile, order.target.name, () => writeAll(order));
}

async function writeAll({ plan, target }: WriteOrder): Promise<Float64Array> {
  const commits = new Float64Array(eventCount(plan));
  const underWay = new Map<string, number>();
  onWake = (streamIds) => {
    for (const id of streamIds) {
      const index = underWay.get(id);
      if (index !== undefined) commits[index] = now();
    }
  };
  const tails = new Map<number, Promise<void>>();
  await pace(plan, (tick) => {
    const events = eventsAt(plan, tick);
    const before = events.map(({ stream }) => tails.get(stream));
    const written = Promise.all(before).then(() => {
      for (const { stream, index } of events) underWay.set(target.executions[stream] ?? "", index);
      return commit(events, target);
    });
    for (const { stream } of events) tails.set(stream, written);
  });
  await Promise.all(tails.values());
  if (commits.includes(0)) throw new Error("an event was committed without a wake-up");
  return commits;
}

async function commit(events: readonly PlannedEvent[], target: Target): Promise<void> {
  const { ctx } = services as Services;
  await transact(ctx, async (tx) => {
    for (const { stream, pieces } of events) {
      record(tx, {
        kind: "agent_execution",
        streamId: target.executions[stream] ?? "",
        projectId: target.projectId,
        events: [{ type: "AgentTextDelta", data: { messageId: "m", text: pieces.join("") } }],
      });
    }
  });
}

const methods = { ...usage, open, write };
export type Product = typeof methods;
answerCalls(methods);
