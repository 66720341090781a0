import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identity, waitUntil } from "./processes.ts";
import {
  cleanUpAfterEach,
  homeOf,
  postmasterOf,
  query,
  start,
  startWriter,
  temporaryFolder,
  type Writer,
} from "./testing/harness.ts";

cleanUpAfterEach();

async function writesUntil(writer: Writer, count: number): Promise<void> {
  await writer.until(() => writer.acknowledged.length >= count);
}

async function missing(url: string, writer: Writer): Promise<number[]> {
  const acknowledged = [...writer.acknowledged];
  const rows = await query<{ id: number }>(url, "SELECT id FROM written");
  const stored = new Set(rows.map((row) => row.id));
  return acknowledged.filter((id) => !stored.has(id));
}

for (const victims of ["the program", "the program and PostgreSQL"]) {
  test(`after kill -9 of ${victims} the next start has every acknowledged row`, async () => {
    const dataDir = join(temporaryFolder(), "data");
    const writer = startWriter(dataDir);
    const { url = "" } = await writer.until((event) => event.url !== undefined);
    await writesUntil(writer, 300);
    const postmaster = postmasterOf(dataDir);
    writer.child.kill("SIGKILL");
    if (victims.includes("PostgreSQL")) process.kill(postmaster, "SIGKILL");
    await writer.exited;

    const server = await start(dataDir);
    expect(await missing(server.url, writer)).toEqual([]);
    expect(writer.acknowledged.length).toBeGreaterThanOrEqual(300);
    expect(await identity(postmaster)).toBeNull();
    expect(existsSync(new URL(url).searchParams.get("host") ?? "")).toBe(false);
  });
}

test("after kill -9 of PostgreSQL it comes back under the running program with every acknowledged row", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const writer = startWriter(dataDir);
  const { url = "" } = await writer.until((event) => event.url !== undefined);
  await writesUntil(writer, 200);
  const postmaster = postmasterOf(dataDir);
  process.kill(postmaster, "SIGKILL");
  await waitUntil(() => ![0, postmaster].includes(postmasterOf(dataDir)), 10_000);
  await writesUntil(writer, writer.acknowledged.length + 100);
  expect(await missing(url, writer)).toEqual([]);
  writer.child.kill("SIGTERM");
  expect(await writer.exited).toBe(0);
  expect(postmasterOf(dataDir)).toBe(0);
});

test("an orphan that hangs is ended too", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const writer = startWriter(dataDir);
  await writesUntil(writer, 50);
  const postmaster = postmasterOf(dataDir);
  writer.child.kill("SIGKILL");
  await writer.exited;
  process.kill(postmaster, "SIGSTOP");
  const server = await start(dataDir);
  expect(await missing(server.url, writer)).toEqual([]);
  expect(await identity(postmaster)).toBeNull();
});

test("a second program on the same data directory is told who has it, and harms nothing", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = startWriter(dataDir);
  await writesUntil(first, 20);
  const second = startWriter(dataDir);
  const { failed } = await second.until((event) => event.failed !== undefined);
  expect(failed).toBe(
    `Shiplog already runs on the data directory ${dataDir} (process ${first.child.pid}). ` +
      "Stop it first, or set SHIPLOG_DATA_DIR to another folder.",
  );
  expect(await second.exited).toBe(1);
  await writesUntil(first, first.acknowledged.length + 20);
});

test("of several programs that start at once on a dead one's directory exactly one runs", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const dead = startWriter(dataDir);
  await writesUntil(dead, 20);
  dead.child.kill("SIGKILL");
  await dead.exited;
  const writers = [1, 2, 3, 4].map(() => startWriter(dataDir));
  const outcomes = await Promise.all(writers.map((one) => one.until((e) => Boolean(e.url ?? e.failed))));
  expect(outcomes.filter((event) => event.url)).toHaveLength(1);
});

test("a stranger that got the server's pid is left alone", async () => {
  const dataDir = join(temporaryFolder(), "data");
  await (await start(dataDir)).stop();
  const stranger = spawn("sleep", ["60"]);
  const cluster = join(homeOf(dataDir), "data");
  writeFileSync(join(cluster, "postmaster.pid"), `${stranger.pid}\n${cluster}\n1\n5432\n/tmp\n\n\nready\n`);
  try {
    const server = await start(dataDir);
    expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await identity(stranger.pid ?? 0)).not.toBeNull();
  } finally {
    stranger.kill();
  }
});

test("a first start that is killed while it makes the cluster is done again", async () => {
  const dataDir = join(temporaryFolder(), "data");
  mkdirSync(dataDir);
  const writer = startWriter(dataDir);
  const own = join(dataDir, "postgres");
  await waitUntil(() => existsSync(own) && readdirSync(own).some((name) => name.startsWith("init-")), 10_000);
  writer.child.kill("SIGKILL");
  await writer.exited;
  const server = await start(dataDir);
  expect(server.created).toBe(true);
});
