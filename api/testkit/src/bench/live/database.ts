import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@shiplog/db/embedded/start";
import { withDatabase } from "@shiplog/db/url";
import pg from "pg";
import { ensureTemplate, onServer } from "../../template.ts";
import { familyCpuUs, parentOf } from "./machine.ts";

/** The embedded PostgreSQL of one run of the benchmark. */
export interface BenchDatabase {
  /** A folder that goes with it. */
  readonly dataDir: string;
  /** A new database, migrated; resolves with its URL. */
  create(): Promise<string>;
  /** CPU time of all its processes so far (us). */
  cpuUs(): number;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "shiplog-bench-"));
  const log = { info() {}, warn: console.warn, error: console.error };
  const server = await startEmbedded({ dataDir, log });
  const template = await ensureTemplate(server.url);
  const postmaster = await postmasterOf(server.url);
  return {
    dataDir,
    create: async () => {
      const name = `bench_${randomUUID().replaceAll("-", "")}`;
      await onServer(server.url, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
      return withDatabase(server.url, name);
    },
    cpuUs: () => familyCpuUs(postmaster),
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A backend is a child of it. */
async function postmasterOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const parent = parentOf(rows[0]?.pid ?? 0);
  await client.end();
  return parent;
}
