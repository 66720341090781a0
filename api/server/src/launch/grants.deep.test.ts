import { randomBytes } from "node:crypto";
import { SYSTEM } from "@shiplog/core";
import { applyRetention, createProject, updateProject } from "@shiplog/core/project";
import { createDb } from "@shiplog/db";
import { withDatabase } from "@shiplog/db/url";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { startWorker } from "@shiplog/worker";
import { afterAll, expect, it, vi } from "vitest";
import { openDatabase } from "./database.ts";

const server = await testDatabase();
const suffix = randomBytes(6).toString("hex");
const [name, owner, application] = [`shiplog_grants_${suffix}`, `owner_${suffix}`, `app_${suffix}`];
const LOG = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 24 * 3_600_000;

async function asAdmin(...statements: string[]): Promise<void> {
  for (const statement of statements) await server.db.$executeRawUnsafe(statement);
}

function urlOf(role: string): string {
  const url = new URL(withDatabase(server.url, name));
  url.username = role;
  url.password = suffix;
  return url.href;
}

await asAdmin(
  `CREATE ROLE ${owner} LOGIN PASSWORD '${suffix}'`,
  `CREATE ROLE ${application} LOGIN PASSWORD '${suffix}'`,
  `CREATE DATABASE ${name} OWNER ${owner}`,
);
afterAll(() =>
  asAdmin(`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${owner}`, `DROP ROLE ${application}`),
);

it("runs as a role that owns nothing, on what another role has migrated", async () => {
  const env = { databaseUrl: urlOf(application), migrationUrl: urlOf(owner), dataDir: "/nonexistent" };
  await openDatabase(env, LOG);
  // A second start, and a second process, grant again what is granted.
  const { url } = await openDatabase(env, LOG);
  const db = createDb(url);
  try {
    const past = { now: () => new Date(Date.now() - 500 * DAY) };
    const ctx = await makeContext({ db });
    const { id } = await createProject({ ...ctx, clock: past }, SYSTEM, { name: "Granted" });
    await updateProject(ctx, SYSTEM, { id, name: "Renamed" });

    for (const statement of [
      "UPDATE audit_entry SET outcome = 'failed'",
      "DELETE FROM audit_entry",
      "TRUNCATE audit_entry",
      "DELETE FROM audit_pruning",
      "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
      "DROP TRIGGER audit_entry_rows ON audit_entry",
      "CREATE OR REPLACE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
      "CREATE TABLE mine (id int)",
      "DROP TABLE audit_entry",
      `SET ROLE ${owner}`,
      "SET session_replication_role = replica",
      "DELETE FROM _prisma_migrations",
    ]) {
      await expect(db.$executeRawUnsafe(statement), statement).rejects.toThrow(
        /permission denied|must be owner|append-only/,
      );
    }
    // By a trigger of a table of its own: deep enough for the guard, but the role may not delete.
    await expect(
      db.$transaction([
        db.$executeRawUnsafe("CREATE TEMP TABLE lever2 (id int) ON COMMIT DROP"),
        db.$executeRawUnsafe(
          "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM audit_entry; RETURN NEW; END $$",
        ),
        db.$executeRawUnsafe(
          "CREATE TRIGGER pull AFTER INSERT ON lever2 FOR EACH ROW EXECUTE FUNCTION pg_temp.pull()",
        ),
        db.$executeRawUnsafe("INSERT INTO lever2 VALUES (1)"),
      ]),
    ).rejects.toThrow("permission denied for table audit_entry");

    // Jobs run as well; the retention function of the owner takes the old entry and leaves the new one.
    const agents = { definitions: new Map(), openTools: () => Promise.reject(new Error("none here")) };
    const worker = await startWorker({ ctx, connectionString: url, agents, providers: new Map() });
    await ctx.jobs.enqueue(db, "apply_retention", {});
    const actions = async () => (await db.auditEntry.findMany()).map(({ action }) => action);
    await vi
      .waitFor(async () => expect(await actions()).toEqual(["project.update"]), { timeout: 20_000 })
      .finally(() => worker.stop());
    expect((await applyRetention(ctx)).audit).toBe(0);
    expect(await db.auditPruning.findMany()).toMatchObject([{ projectId: id, deleted: 1 }]);
  } finally {
    await db.$disconnect();
  }
});

it("refuses a role that would gain nothing", async () => {
  const dataDir = "/nonexistent";
  const same = `${urlOf(owner)}?application_name=other`;
  await expect(openDatabase({ databaseUrl: urlOf(owner), migrationUrl: same, dataDir }, LOG)).rejects.toThrow(
    "must name different roles",
  );
  const admin = withDatabase(server.url, name);
  await expect(
    openDatabase({ databaseUrl: admin, migrationUrl: urlOf(owner), dataDir }, LOG),
  ).rejects.toThrow("it is a superuser");
});
