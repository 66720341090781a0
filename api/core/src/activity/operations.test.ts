import { readEvents } from "@shiplog/core/live";
import { queryRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { describe, expect, it } from "vitest";
import { SYSTEM } from "../actor.ts";
import { createProject, updateProject } from "../project/index.ts";
import { transact } from "../transaction.ts";
import { linkCommits, recordAIActivity } from "./index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const project = await createProject(ctx, SYSTEM, { name: "Activity" });
const { actor } = await makePerson(ctx, { [project.id]: "developer" });
const base = { projectId: project.id, tool: "claude" };
const SHA = "b".repeat(40);

describe("recording an AI activity", () => {
  it("has one effect when the same key comes many times at once", async () => {
    const input = { ...base, prompt: "Once", idempotencyKey: "same" };
    const all = await Promise.all(Array.from({ length: 12 }, () => recordAIActivity(ctx, actor, input)));
    expect(new Set(all.map((activity) => activity.id)).size).toBe(1);
    expect(await ctx.db.aIActivity.count({ where: { dedupeKey: "same" } })).toBe(1);
    const events = await readEvents(ctx.db, project.id, 0, 100);
    expect(events).toMatchObject([
      { type: "AIActivitiesRecorded", data: { count: 1, activityIds: [all[0]?.id] } },
    ]);
  });

  it("keeps keys apart by project", async () => {
    const second = await createProject(ctx, SYSTEM, { name: "Second" });
    const one = await recordAIActivity(ctx, SYSTEM, { ...base, idempotencyKey: "k" });
    const two = await recordAIActivity(ctx, SYSTEM, { ...base, projectId: second.id, idempotencyKey: "k" });
    expect(two.id).not.toBe(one.id);
  });

  it("is of one session per tool and outer id, also when two begin it at once", async () => {
    const input = { ...base, sessionId: "conversation" };
    const rows = await Promise.all([1, 2, 3].map(() => recordAIActivity(ctx, actor, input)));
    expect(new Set(rows.map((row) => row.sessionId)).size).toBe(1);
    const other = await recordAIActivity(ctx, actor, { ...input, tool: "cursor" });
    expect(other.sessionId).not.toBe(rows[0]?.sessionId);
  });

  it("is linked to its commit at once, or when a delivery tells of it", async () => {
    const early = await recordAIActivity(ctx, actor, { ...base, commitSha: SHA.toUpperCase() });
    expect(early).toMatchObject({ commitSha: SHA, commitId: null, commitMethod: "reported" });
    const now = ctx.clock.now();
    const repository = { id: ctx.newId(), projectId: project.id, provider: "github", externalId: "1" };
    await ctx.db.repository.create({ data: { ...repository, fullName: "o/r", createdAt: now } });
    const id = ctx.newId();
    await ctx.db.commit.create({ data: { id, repositoryId: repository.id, sha: SHA, createdAt: now } });
    await linkCommits(ctx, project.id, [SHA]);
    expect(await ctx.db.aIActivity.findUnique({ where: { id: early.id } })).toMatchObject({ commitId: id });
    expect(await recordAIActivity(ctx, actor, { ...base, commitSha: SHA })).toMatchObject({ commitId: id });
  });

  it("is linked to a commit that is made at the same moment", async () => {
    const sha = "c".repeat(40);
    const now = ctx.clock.now();
    const repository = { id: ctx.newId(), projectId: project.id, provider: "github", externalId: "2" };
    await ctx.db.repository.create({ data: { ...repository, fullName: "o/s", createdAt: now } });
    const [told, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const id = ctx.newId();
    const fold = transact(ctx, async (tx) => {
      await tx.db.commit.create({ data: { id, repositoryId: repository.id, sha, createdAt: now } });
      await linkCommits(tx, project.id, [sha]);
      told.resolve();
      await commit.promise;
    });
    await told.promise;
    const recorded = recordAIActivity(ctx, actor, { ...base, commitSha: sha });
    const waiting = () =>
      queryRaw(ctx.db, sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
    await expect.poll(async () => (await waiting()).length).toBe(1);
    commit.resolve();
    await fold;
    expect(await recorded).toMatchObject({ commitSha: sha, commitId: id });
  });

  it("is refused in an archived project, but for a repeat of what is there", async () => {
    const put = await createProject(ctx, SYSTEM, { name: "Put aside" });
    const input = { ...base, projectId: put.id, idempotencyKey: "first" };
    const first = await recordAIActivity(ctx, SYSTEM, input);
    await updateProject(ctx, SYSTEM, { id: put.id, status: "archived" });
    expect(await recordAIActivity(ctx, SYSTEM, input)).toEqual(first);
    await expect(recordAIActivity(ctx, SYSTEM, { ...input, idempotencyKey: "second" })).rejects.toMatchObject(
      {
        code: "INVALID_INPUT",
        message: expect.stringContaining("archived"),
      },
    );
  });

  it("counts lines in diffs where nobody counted them, and never the file headers", async () => {
    const diff = "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-old\n+new\n+++i;\n";
    const codeChanges = [
      { path: "x", diff },
      { path: "y", added: 3, removed: 4 },
    ];
    const row = await recordAIActivity(ctx, actor, { ...base, codeChanges });
    expect([row.linesAdded, row.linesRemoved]).toEqual([5, 5]);
  });

  it("prices by the day it happened; without a model there is no price", async () => {
    const usage = {
      inputTokens: 1_000_000n,
      cacheReadTokens: 0n,
      cacheWrite5mTokens: 0n,
      cacheWrite1hTokens: 0n,
      outputTokens: 0n,
      reasoningTokens: 0n,
    };
    const at = async (occurredAt: string) =>
      (await recordAIActivity(ctx, actor, { ...base, model: "o3", usage, occurredAt: new Date(occurredAt) }))
        .costComputedNanos;
    expect(await at("2025-05-01T00:00:00Z")).toBe(10_000_000_000n);
    expect(await at("2026-01-01T00:00:00Z")).toBe(2_000_000_000n);
    expect(await recordAIActivity(ctx, actor, { ...base, usage })).toMatchObject({
      costComputedNanos: null,
      priceVersion: null,
    });
  });

  it("stores texts that PostgreSQL would refuse", async () => {
    const row = await recordAIActivity(ctx, actor, { ...base, prompt: "a\0b\ud800" });
    const content = await ctx.db.aIActivityContent.findUnique({ where: { activityId: row.id } });
    expect(content?.prompt).toBe("a\ufffdb\ufffd");
  });

  it.each([
    [{ tool: "abacus" }],
    [{ commitSha: "abc1234" }],
    [{ prompt: "x".repeat(1_000_001) }],
    [{ occurredAt: new Date("2200-01-01") }],
    [{ idempotencyKey: "" }],
    [{ codeChanges: [{ path: "" }] }],
    [{ codeChanges: Array.from({ length: 501 }, () => ({ path: "x" })) }],
    [{ codeChanges: Array.from({ length: 9 }, () => ({ path: "x", diff: "y".repeat(450_000) })) }],
  ])("refuses %o", async (change) => {
    const attempt = recordAIActivity(ctx, actor, { ...base, ...change });
    await expect(attempt).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("needs activity.write", async () => {
    const key = await makeKey(ctx, project.id, ["activity:read"]);
    await expect(recordAIActivity(ctx, key.actor, base)).rejects.toMatchObject({ code: "FORBIDDEN" });
    const stranger = await makePerson(ctx);
    await expect(recordAIActivity(ctx, stranger.actor, base)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
