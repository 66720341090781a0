import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "@shiplog/db/embedded/start";
import type { TestProject } from "vitest/node";
import { ensureTemplate } from "./template.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The server of this run and the name of its migrated template. */
    testServer: { url: string; template: string };
  }
}

/** vitest's global set-up: one PostgreSQL for the whole run, embedded unless TEST_DATABASE_URL names another. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => {} } : await startTemporary();
  try {
    project.provide("testServer", { url: server.url, template: await ensureTemplate(server.url) });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.stop;
}

/** Nothing here outlives the run, so nothing is synced to disk. */
async function startTemporary(): Promise<{ url: string; stop: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "shiplog-test-"));
  const log = { info() {}, warn: complain, error: complain };
  const settings = { fsync: "off", full_page_writes: "off", max_connections: "300" };
  const server = await startEmbedded({ dataDir, log, settings });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await removeData(dataDir);
    },
  };
}

/** The home may lie outside the data directory (root below a private folder). */
async function removeData(dataDir: string): Promise<void> {
  const { home } = JSON.parse(await readFile(join(dataDir, "postgres/place.json"), "utf8")) as {
    home: string;
  };
  if (home.startsWith("/")) await rm(home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

function complain(fields: object, message: string): void {
  console.warn(message, fields);
}
