import { type AIActivity, executeRaw, queryRaw, sql } from "@shiplog/db";
import {
  type Attempt,
  assertActive,
  audited,
  authorize,
  isUniqueViolation,
  keepsMetadataOnly,
  parseInput,
} from "../account/index.ts";
import { type Actor, keyIdOf, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { type Redactor, redactorOf } from "../redact/index.ts";
import { transact } from "../transaction.ts";
import { recordActivities } from "./events.ts";
import {
  activityInput,
  type CountedChange,
  countedChange,
  type ParsedActivity,
  type RecordAIActivityInput,
} from "./input.ts";
import { priceUsage } from "./price.ts";
import { clampUsage, NO_USAGE } from "./usage.ts";

/** Where the activities of `recordAIActivity` come from; dedupe keys are unique per source. */
const SOURCE = "api";

/**
 * Records one AI activity with its price, its session and its commit, and tells the project's stream. A repeated
 * idempotency key answers the first activity and writes nothing. Needs activity.write; throws NotFoundError,
 * ForbiddenError, InvalidInputError.
 */
export async function recordAIActivity(
  ctx: Context,
  actor: Actor,
  input: RecordAIActivityInput,
): Promise<AIActivity> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "ai_activity.record", projectId }, (attempt) =>
    recordOne(ctx, actor, input, attempt),
  );
}

async function recordOne(
  ctx: Context,
  actor: Actor,
  input: RecordAIActivityInput,
  attempt: Attempt,
): Promise<AIActivity> {
  const { projectId } = input;
  await authorize(ctx, actor, projectId, "activity.write");
  const parsed = parseInput(activityInput(ctx.clock.now()), input);
  const dedupeKey = parsed.idempotencyKey ?? null;
  const first = dedupeKey === null ? null : await findFirst(ctx, projectId, dedupeKey);
  if (first) return repeated(ctx, first, attempt);
  await assertActive(ctx, projectId);
  const content = (await keepsMetadataOnly(ctx, projectId)) ? withoutContent(parsed) : parsed;
  const kept = withoutSecrets(content, await redactorOf(ctx, projectId));
  const data = { ...rowOf(ctx, kept), projectId, dedupeKey, ...recorderOf(actor) };
  try {
    return await transact(ctx, async (tx) => {
      // First of all: whoever waits for it must hold nothing that a fold waits for.
      if (data.commitSha) await lockCommitLinks(tx, projectId, "shared");
      const links = { ...(await sessionLink(tx, parsed, projectId)), ...(await commitLink(tx, data)) };
      const activity = await tx.db.aIActivity.create({ data: { ...data, ...links } });
      recordActivities(tx, projectId, [activity.id]);
      await attempt.succeed(tx, { target: targetOf(activity) });
      return activity;
    });
  } catch (error) {
    // A parallel call with the same key came first.
    const winner = isUniqueViolation(error) && dedupeKey ? await findFirst(ctx, projectId, dedupeKey) : null;
    if (winner) return repeated(ctx, winner, attempt);
    throw error;
  }
}

function targetOf({ id }: AIActivity) {
  return { type: "AIActivity", id } as const;
}

async function repeated(ctx: Context, first: AIActivity, attempt: Attempt): Promise<AIActivity> {
  await transact(ctx, (tx) => attempt.succeed(tx, { target: targetOf(first), details: { repeated: true } }));
  return first;
}

function withoutSecrets(parsed: ParsedActivity, { text }: Redactor): ParsedActivity {
  const clean = (value: string | null | undefined) => (value == null ? value : text(value));
  return {
    ...parsed,
    prompt: clean(parsed.prompt),
    response: clean(parsed.response),
    decision: clean(parsed.decision),
    codeChanges: parsed.codeChanges?.map((change) => ({
      ...countedChange(change),
      path: text(change.path),
      diff: clean(change.diff),
    })),
  };
}

/** Lines are counted before their diff is dropped. */
function withoutContent(parsed: ParsedActivity): ParsedActivity {
  const codeChanges = parsed.codeChanges?.map((change) => ({ ...countedChange(change), diff: null }));
  return { ...parsed, prompt: null, response: null, codeChanges };
}

function recorderOf(actor: Actor) {
  return {
    userId: userIdOf(actor),
    apiKeyId: keyIdOf(actor),
  };
}

/** The row with its content, before its links are known. */
function rowOf(ctx: Context, parsed: ParsedActivity) {
  const now = ctx.clock.now();
  const occurredAt = parsed.occurredAt ?? now;
  const usage = clampUsage(parsed.usage ?? NO_USAGE);
  const price = priceUsage(usage, parsed.model, occurredAt);
  const changes = (parsed.codeChanges ?? []).map(countedChange);
  return {
    id: ctx.newId(),
    tool: parsed.tool,
    category: parsed.category ?? ("other" as const),
    decision: parsed.decision,
    model: parsed.model,
    ...usage,
    costComputedNanos: price.costNanos,
    priceVersion: price.costNanos === null ? null : price.priceVersion,
    commitSha: parsed.commitSha,
    linesAdded: changes.reduce((total, change) => total + change.added, 0),
    linesRemoved: changes.reduce((total, change) => total + change.removed, 0),
    source: SOURCE,
    occurredAt,
    createdAt: now,
    ...contentOf(parsed, changes),
  };
}

function findFirst(ctx: Context, projectId: string, dedupeKey: string): Promise<AIActivity | null> {
  return ctx.db.aIActivity.findUnique({
    where: { projectId_source_dedupeKey: { projectId, source: SOURCE, dedupeKey } },
  });
}

function contentOf(
  { prompt, response }: { readonly prompt?: string | null; readonly response?: string | null },
  changes: readonly CountedChange[],
) {
  return {
    ...((prompt || response) && { content: { create: { prompt, response } } }),
    changes: { create: changes.map((change, index) => ({ index, ...change })) },
  };
}

async function sessionLink(
  tx: Context,
  { tool, sessionId }: { readonly tool: string; readonly sessionId?: string | null },
  projectId: string,
): Promise<{ sessionId?: string }> {
  if (!sessionId) return {};
  const rows = await queryRaw<{ id: string }>(
    tx.db,
    // DO UPDATE, so that the row of a parallel insert is returned as well.
    sql`INSERT INTO ai_session (id, project_id, tool, external_id, created_at)
        VALUES (${tx.newId()}::uuid, ${projectId}::uuid, ${tool}, ${sessionId}, ${tx.clock.now()})
        ON CONFLICT (project_id, tool, external_id) DO UPDATE SET tool = excluded.tool RETURNING id`,
  );
  return { sessionId: rows[0]?.id };
}

/** The commit that was named, if a delivery told of it; else `linkCommits` finds it when one does. */
async function commitLink(
  tx: Context,
  { projectId, commitSha }: { readonly projectId: string; readonly commitSha?: string | null },
) {
  if (!commitSha) return {};
  const where = { sha: commitSha, repository: { projectId } };
  const commit = await tx.db.commit.findFirst({ where, orderBy: { id: "asc" }, select: { id: true } });
  return { commitId: commit?.id, commitMethod: "reported", commitConfidence: 1 };
}

/**
 * An activity and the commit that it names may come at the same moment, and neither transaction would see the other's
 * row: activities share this lock until they commit, who links new commits holds it alone.
 */
async function lockCommitLinks(tx: Context, projectId: string, mode: "shared" | "alone"): Promise<void> {
  const key = sql`hashtextextended(${`commit links of ${projectId}`}::text, 0)`;
  await executeRaw(
    tx.db,
    mode === "shared"
      ? sql`SELECT FROM pg_advisory_xact_lock_shared(${key})`
      : sql`SELECT FROM pg_advisory_xact_lock(${key})`,
  );
}

/**
 * Links activities that named these commits before any delivery told of them. For whoever creates commits, in
 * the same transaction. Two statements.
 */
export async function linkCommits(tx: Context, projectId: string, shas: readonly string[]): Promise<void> {
  if (shas.length === 0) return;
  await lockCommitLinks(tx, projectId, "alone");
  await tx.db.$executeRaw(sql`UPDATE ai_activity a SET commit_id = c.id
    FROM commit c JOIN repository r ON r.id = c.repository_id
    WHERE a.project_id = ${projectId}::uuid AND a.commit_id IS NULL AND a.commit_sha = ANY(${shas}::text[])
      AND r.project_id = a.project_id AND c.sha = a.commit_sha`);
}
