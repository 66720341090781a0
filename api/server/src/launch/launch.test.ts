import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecretBox, SYSTEM } from "@shiplog/core";
import { createIntegration, createProject } from "@shiplog/core/project";
import { StartupError } from "@shiplog/db/errors";
import { pendingMigrations } from "@shiplog/db/migrate";
import { withDatabase } from "@shiplog/db/url";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { assertKeys, openKeyRing } from "./keys.ts";
import { duration, step } from "./progress.ts";
import { whenStale } from "./stale.ts";
import { runTool } from "./tool.ts";

const given = await testDatabase();
const LOG = { debug() {}, info() {}, warn() {}, error() {} };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "shiplog-launch-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function printed(): string[] {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  onTestFinished(() => spy.mockRestore());
  return lines;
}

test("without DATABASE_URL the embedded database is started and migrated, step by step", async () => {
  const lines = printed();
  const dataDir = join(folder(), "data");
  const database = await openDatabase({ databaseUrl: undefined, dataDir }, LOG);
  onTestFinished(() => database.stop());
  expect(await pendingMigrations(database.url)).toEqual([]);
  expect(lines).toEqual([
    expect.stringMatching(/^ {2}database created and started \(.+\)$/),
    expect.stringMatching(/^ {2}migrated: \d+_init.* \(.+\)$/),
  ]);
});

test("with DATABASE_URL that server is used, and nothing is made on disk", async () => {
  const lines = printed();
  const dataDir = join(folder(), "data");
  const database = await openDatabase({ databaseUrl: given.url, dataDir }, LOG);
  expect(database.url).toBe(given.url);
  expect(lines).toEqual([expect.stringMatching(/^ {2}database reached, PostgreSQL \d+\.\d+/)]);
  expect(statSync(dataDir, { throwIfNoEntry: false })).toBeUndefined();
  await database.stop();
});

test("a DATABASE_URL that leads nowhere is told without its password", async () => {
  const url = withDatabase(given.url, "no_such_database");
  const attempt = openDatabase({ databaseUrl: url, dataDir: folder() }, LOG);
  await expect(attempt).rejects.toThrow(StartupError);
  await expect(attempt).rejects.toThrow(
    /Cannot use the database of DATABASE_URL .*no_such_database.* does not exist/,
  );
  const { password } = new URL(url);
  if (password) await expect(attempt).rejects.not.toThrow(password);
});

test("the key ring is made once, readable by nobody else, and never replaced when damaged", () => {
  const dataDir = folder();
  const first = openKeyRing({ keys: undefined, dataDir });
  expect(first.map(({ id, key }) => [id, key.length])).toEqual([["k1", 32]]);
  expect(openKeyRing({ keys: undefined, dataDir })).toEqual(first);
  const file = join(dataDir, "keys");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const content = readFileSync(file, "utf8");
  writeFileSync(file, content.slice(0, 20));
  expect(() => openKeyRing({ keys: undefined, dataDir })).toThrow(/key file .* is damaged/);
  expect(openKeyRing({ keys: first, dataDir: "/nowhere" })).toBe(first);
});

test("stale work is done once, and again when it broke off or its sources changed", async () => {
  const stamp = join(folder(), "stamp");
  let runs = 0;
  const work = async () => void runs++;
  expect(await whenStale(stamp, "a", work)).toBe(true);
  expect(await whenStale(stamp, "a", work)).toBe(false);
  const broken = whenStale(stamp, "b", () => Promise.reject(new Error("no")));
  await expect(broken).rejects.toThrow("no");
  expect(await whenStale(stamp, "a", work)).toBe(true);
  expect(runs).toBe(2);
});

test("a tool that fails shows what it printed", async () => {
  const script = join(folder(), "tool.mjs");
  writeFileSync(
    script,
    "console.log(process.argv[2]); console.error('why'); process.exit(Number(process.argv[3]));",
  );
  await runTool("the tool", tmpdir(), script, ["fine", "0"]);
  await expect(runTool("the tool", tmpdir(), script, ["seen", "3"])).rejects.toThrow(
    "the tool failed:\nseen\nwhy",
  );
});

test("a step prints its result and duration, or nothing", async () => {
  const lines = printed();
  await step("done", async () => 1);
  await step(
    (n: number) => (n > 1 ? "many" : null),
    async () => 1,
  );
  expect(lines).toEqual([expect.stringMatching(/^ {2}done \(\d+ ms\)$/)]);
  expect([duration(12.3), duration(3_400)]).toEqual(["12 ms", "3.4 s"]);
});

test("a ring that lacks the key of a stored secret is refused, by its name and what it seals", async () => {
  const box = (id: string) => createSecretBox([{ id, key: Buffer.alloc(32, 1) }]);
  const ctx = await makeContext(given, { secrets: box("k1") });
  const { id: projectId } = await createProject(ctx, SYSTEM, { name: "Keys" });
  await createIntegration(ctx, SYSTEM, { projectId, provider: "github" });
  await assertKeys(ctx);
  const attempt = assertKeys({ ...ctx, secrets: box("k2") });
  await expect(attempt).rejects.toThrow(StartupError);
  await expect(attempt).rejects.toThrow('it lacks the key "k1" that seals 1 secret(s) of integration');
});
