import { executeRaw, queryRaw, sql } from "@shiplog/db";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeAll, describe, expect, it } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { ForbiddenError } from "../../errors.ts";
import { transact } from "../../transaction.ts";
import { audit, audited } from "./index.ts";

const database = await testDatabase();
const origin = { address: "192.0.2.7", userAgent: "curl/8", requestId: "request-1" };
const clock = createTestClock();
const ctx = { ...(await makeContext(database, { clock })), origin };
const { db } = database;
const actor = { type: "user", userId: ctx.newId(), sessionId: ctx.newId(), isAdmin: false } as const;

describe("an entry", () => {
  it("says who, what, from where and with which outcome", async () => {
    const target = { type: "Project", id: ctx.newId() } as const;
    const event = { action: "thing.make", projectId: target.id, target, details: { name: "x" } };
    await transact(ctx, (tx) => audit(tx, ctx, actor, event));
    const [row] = await db.auditEntry.findMany({ where: { projectId: target.id } });
    expect(row).toMatchObject({
      action: "thing.make",
      actorType: "user",
      userId: actor.userId,
      sessionId: actor.sessionId,
      targetType: "Project",
      targetId: target.id,
      outcome: "succeeded",
      details: { name: "x" },
      ...origin,
    });
  });

  it("is undone with its transaction, and the failure has one of its own", async () => {
    const projectId = ctx.newId();
    const failing = (error: Error) =>
      audited(ctx, actor, { action: "thing.break", projectId }, (attempt) =>
        transact(ctx, async (tx) => {
          await attempt.succeed(tx);
          throw error;
        }),
      );
    await expect(failing(new ForbiddenError("no"))).rejects.toThrow("no");
    await expect(failing(new Error("disk full: /secret/path"))).rejects.toThrow("disk full");
    const rows = await db.auditEntry.findMany({ where: { projectId }, orderBy: { id: "asc" } });
    expect(rows.map(({ outcome, details }) => [outcome, details])).toEqual([
      ["refused", { error: "FORBIDDEN" }],
      ["failed", { error: "INTERNAL" }],
    ]);
  });
});

describe("the table", () => {
  const projectId = ctx.newId();
  const DAY = 24 * 3_600_000;

  beforeAll(async () => {
    const old = { now: () => new Date(Date.now() - 40 * DAY) };
    for (const moment of [old, old, old, { now: () => new Date(Date.now() - DAY) }]) {
      const then = { ...ctx, clock: moment };
      await transact(then, (tx) => audit(tx, then, SYSTEM, { action: "thing.make", projectId }));
    }
  });

  it.each([
    "UPDATE audit_entry SET outcome = 'failed'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_pruning",
    "WITH gone AS (DELETE FROM audit_entry RETURNING 1) SELECT count(*) FROM gone",
    "DO $$ BEGIN EXECUTE 'DELETE FROM audit_entry'; END $$",
    "DO $$ BEGIN PERFORM set_config('session_replication_role', 'replica', true); DELETE FROM audit_entry; END $$",
    `INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET action = 'other'`,
    `MERGE INTO audit_entry e USING audit_entry o ON e.id = o.id WHEN MATCHED THEN DELETE`,
  ])("refuses %s", async (statement) => {
    const before = await db.auditEntry.findMany({ orderBy: { id: "asc" } });
    await expect(db.$executeRawUnsafe(statement)).rejects.toThrow("append-only");
    expect(await db.auditEntry.findMany({ orderBy: { id: "asc" } })).toEqual(before);
  });

  it("gives nothing young to a trigger of one's own, as deep as it may be", async () => {
    const before = await db.auditEntry.count({ where: { projectId } });
    const pull = db.$transaction([
      db.$executeRawUnsafe("CREATE TEMP TABLE lever (id int) ON COMMIT DROP"),
      db.$executeRawUnsafe(
        "CREATE FUNCTION pg_temp.pull() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM audit_entry; RETURN NEW; END $$",
      ),
      db.$executeRawUnsafe(
        "CREATE TRIGGER pull AFTER INSERT ON lever FOR EACH ROW EXECUTE FUNCTION pg_temp.pull()",
      ),
      db.$executeRawUnsafe("INSERT INTO lever VALUES (1)"),
    ]);
    await expect(pull).rejects.toThrow("append-only");
    expect(await db.auditEntry.count({ where: { projectId } })).toBe(before);
  });

  it("keeps what it tells of a project that goes, with all that hangs on it", async () => {
    const row = { id: ctx.newId(), name: "Gone", slug: "gone", createdAt: new Date(), updatedAt: new Date() };
    await db.project.create({ data: row });
    await transact(ctx, (tx) => audit(tx, ctx, SYSTEM, { action: "thing.make", projectId: row.id }));
    await executeRaw(db, sql`DELETE FROM project WHERE id = ${row.id}::uuid`);
    expect(await db.auditEntry.count({ where: { projectId: row.id } })).toBe(1);
  });

  it("gives up old entries to the retention function only, in batches, and keeps a record of it", async () => {
    const prune = (batch: number) =>
      queryRaw<{ deleted: number }>(
        db,
        sql`INSERT INTO audit_pruning (id, at, project_id, before, batch)
            VALUES (${ctx.newId()}::uuid, now(), ${projectId}::uuid, now() + interval '1 day', ${batch})
            RETURNING deleted`,
      );
    expect(await prune(2)).toEqual([{ deleted: 2 }]);
    expect(await prune(2)).toEqual([{ deleted: 1 }]);
    // The one that is left is younger than any retention may reach.
    expect(await prune(2)).toEqual([]);
    expect(await db.auditEntry.count({ where: { projectId } })).toBe(1);
    const kept = await db.auditPruning.findMany({ where: { projectId } });
    expect(kept.map((row) => row.deleted).sort()).toEqual([1, 2]);
    await expect(executeRaw(db, sql`DELETE FROM audit_pruning`)).rejects.toThrow("append-only");
  });
});
