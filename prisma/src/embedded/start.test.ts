import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StartupError } from "../errors.ts";
import { startEmbedded } from "./start.ts";
import { cleanUpAfterEach, homeOf, query, SILENT, start, temporaryFolder } from "./testing/harness.ts";

cleanUpAfterEach();

test("a first start makes a durable PostgreSQL 18, a later one finds its data", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const first = await start(dataDir);
  expect(first.created).toBe(true);
  await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  const settings = await query<{ name: string; setting: string }>(
    first.url,
    `SELECT name, setting FROM pg_settings WHERE name IN
     ('fsync', 'synchronous_commit', 'listen_addresses', 'TimeZone', 'server_encoding', 'data_checksums')`,
  );
  expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toEqual({
    TimeZone: "UTC",
    data_checksums: "on",
    fsync: "on",
    listen_addresses: "",
    server_encoding: "UTF8",
    synchronous_commit: "on",
  });
  await first.stop();

  const second = await start(dataDir);
  expect(second.created).toBe(false);
  expect(await query(second.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  expect(await query(second.url, "SHOW server_version_num")).toEqual([
    { server_version_num: expect.stringMatching(/^18/) },
  ]);
});

test("nobody gets in without the password, and no other user reaches the socket or reads the password", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await start(dataDir);
  const url = new URL(server.url);
  expect(statSync(url.searchParams.get("host") ?? "").mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, "postgres/password")).mode & 0o777).toBe(0o600);
  expect(statSync(join(homeOf(dataDir), "data")).mode & 0o777).toBe(0o700);
  url.password = "wrong";
  await expect(query(url.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
});

test("stopping is quick and leaves no socket folder behind", async () => {
  const server = await start(join(temporaryFolder(), "data"));
  const socketDir = new URL(server.url).searchParams.get("host") ?? "";
  const began = performance.now();
  await server.stop();
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(statSync(socketDir, { throwIfNoEntry: false })).toBeUndefined();
});

test("a data directory may be moved", async () => {
  const folder = temporaryFolder();
  const server = await start(join(folder, "before"));
  await query(server.url, "CREATE TABLE kept ()");
  await server.stop();
  renameSync(join(folder, "before"), join(folder, "after"));
  const moved = await start(join(folder, "after"));
  expect(moved.created).toBe(false);
  expect(await query(moved.url, "SELECT to_regclass('kept')::text AS name")).toEqual([{ name: "kept" }]);
});

test("a half-made cluster is never used", async () => {
  const dataDir = join(temporaryFolder(), "data");
  mkdirSync(join(dataDir, "postgres/init-0badcafe/data"), { recursive: true });
  writeFileSync(join(dataDir, "postgres/init-0badcafe/data/PG_VERSION"), "18\n");
  const server = await start(dataDir);
  expect(server.created).toBe(true);
  expect(statSync(join(dataDir, "postgres/init-0badcafe"), { throwIfNoEntry: false })).toBeUndefined();
});

test("a lost cluster, a lost password and a cluster of another version are told, not replaced", async () => {
  const dataDir = join(temporaryFolder(), "data");
  const server = await start(dataDir);
  await server.stop();
  const cluster = join(homeOf(dataDir), "data");
  const attempt = () => startEmbedded({ dataDir, log: SILENT });

  const version = readFileSync(join(cluster, "PG_VERSION"), "utf8");
  writeFileSync(join(cluster, "PG_VERSION"), "16\n");
  await expect(attempt()).rejects.toThrow(/made by PostgreSQL 16/);
  writeFileSync(join(cluster, "PG_VERSION"), version);

  const password = join(dataDir, "postgres/password");
  renameSync(password, `${password}.away`);
  await expect(attempt()).rejects.toThrow(/password is gone/);
  renameSync(`${password}.away`, password);

  rmSync(cluster, { recursive: true });
  await expect(attempt()).rejects.toThrow(/is gone: .* is missing/);
});

test("a data directory that cannot be one gets a message that names it", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  for (const dataDir of [file, join(file, "below")]) {
    const attempt = startEmbedded({ dataDir, log: SILENT });
    await expect(attempt).rejects.toThrow(StartupError);
    await expect(attempt).rejects.toThrow(
      `Cannot write to the data directory ${dataDir} (it is not a folder)`,
    );
  }
});

test("a server that cannot start says why", async () => {
  const dataDir = join(temporaryFolder(), "data");
  await (await start(dataDir)).stop();
  const attempt = startEmbedded({ dataDir, log: SILENT, settings: { shared_buffers: "nonsense" } });
  await expect(attempt).rejects.toThrow(/did not start:\n.*shared_buffers/s);
  await (await start(dataDir)).stop();
});
