import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { afterEach } from "vitest";
import type { Account } from "../account.ts";
import { readPostmaster } from "../orphan.ts";
import { type EmbeddedServer, startEmbedded } from "../start.ts";

type Event = {
  started?: number;
  url?: string;
  uid?: number;
  acknowledged?: number;
  failed?: string;
  stopped?: true;
};

export interface Writer {
  readonly child: ChildProcess;
  readonly acknowledged: number[];
  /** The next event that fits; what came before it is dropped. */
  until(fits: (event: Event) => boolean): Promise<Event>;
  readonly exited: Promise<number | null>;
}

export const SILENT = { info() {}, warn() {}, error() {} };

const cleanups: (() => void | Promise<void>)[] = [];

/** Undoes what the test began, newest first, before the next test. */
export function cleanUpAfterEach(): void {
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
}

/** A folder of the test's own that everybody may enter, unless `mode` says otherwise. */
export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), "shiplog-embedded-"));
  chmodSync(folder, mode);
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the database in this process; stopped after the test when the test does not. */
export async function start(dataDir: string): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, log: SILENT });
  cleanups.push(() => server.stop());
  return server;
}

/** The writer program as a process of its own, as another user if wanted. */
export function startWriter(dataDir: string, account?: Account): Writer {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "writer.ts"), dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    ...account,
  });
  const acknowledged: number[] = [];
  const events: Event[] = [];
  let wake = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = JSON.parse(line) as Event;
    if (event.acknowledged) acknowledged.push(event.acknowledged);
    events.push(event);
    wake();
  });
  const exited = new Promise<number | null>((done) => child.once("close", (code) => done(code)));
  cleanups.push(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return {
    child,
    acknowledged,
    exited,
    async until(fits) {
      for (;;) {
        for (let event = events.shift(); event; event = events.shift()) if (fits(event)) return event;
        await new Promise<void>((done) => {
          wake = done;
        });
      }
    },
  };
}

export async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Where the cluster of a data directory lies. */
export function homeOf(dataDir: string): string {
  const own = join(dataDir, "postgres");
  return resolve(own, (JSON.parse(readFileSync(join(own, "place.json"), "utf8")) as { home: string }).home);
}

export function postmasterOf(dataDir: string): number {
  return readPostmaster(join(homeOf(dataDir), "data"))?.pid ?? 0;
}

/** The home outside of a private folder is not removed with it. */
export function removeHomeAfter(dataDir: string): void {
  cleanups.push(() => rmSync(homeOf(dataDir), { recursive: true, force: true }));
}
