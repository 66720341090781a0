import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@shiplog/db/embedded/start";
import pg from "pg";
import { until } from "./deferred.ts";
import { freePort } from "./free_port.ts";

/** A Redis of the test's own. */
export interface PrivateRedis {
  readonly port: number;
  /** Ends it without a goodbye; it forgets everything. */
  kill(): Promise<void>;
  /** On the same port; resolves when it answers. */
  start(): Promise<void>;
}

/** Call `kill` when the tests are over. */
export async function startRedis(): Promise<PrivateRedis> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  const redis: PrivateRedis = {
    port,
    kill: async () => {
      const dying = child;
      child = null;
      if (!dying || dying.exitCode !== null) return;
      const gone = once(dying, "exit");
      dying.kill("SIGKILL");
      await gone;
    },
    start: async () => {
      const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
      child = spawn("redis-server", args, { cwd: tmpdir(), stdio: "ignore" });
      child.on("error", () => {});
      await until(() => answers(port));
    },
  };
  await redis.start();
  return redis;
}

/** A PostgreSQL of the test's own, which comes back by itself when it is ended. */
export interface PrivatePostgres {
  readonly url: string;
  /** Ends it: in order, with every connection, or as a crash would. Resolves when it answers again. */
  restart(signal: "SIGINT" | "SIGKILL"): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing of it outlives the tests, so nothing is synced to disk. */
export async function startPostgres(): Promise<PrivatePostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), "shiplog-private-"));
  const log = {
    info() {},
    warn() {},
    error: (fields: object, message: string) => console.error(message, fields),
  };
  const settings = { fsync: "off", full_page_writes: "off", max_connections: "200" };
  const server = await startEmbedded({ dataDir, log, settings });
  const { url } = server;
  return {
    url,
    restart: async (signal) => {
      const before = await postmaster(url);
      process.kill(before, signal);
      await until(async () => (await postmaster(url).catch(() => before)) !== before, 30_000);
    },
    stop: async () => {
      await server.stop();
      const place = readFileSync(join(dataDir, "postgres/place.json"), "utf8");
      const { home } = JSON.parse(place) as { home: string };
      if (home.startsWith("/")) await rm(home, { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Process id of the server: the parent of the process that serves us. */
async function postmaster(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return Number(readFileSync(`/proc/${rows[0]?.pid}/stat`, "utf8").split(" ")[3]);
  } finally {
    await client.end();
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.once("data", () => resolve(socket.destroy() !== null));
    socket.once("error", () => resolve(false));
  });
}
