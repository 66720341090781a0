import { type Attempt, auditAll } from "../account/index.ts";
import type { Actor } from "../actor.ts";
import type { Context, Origin } from "../context.ts";
import { DomainError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { loadExecution } from "./access.ts";
import { type BatchPlan, planBatches, storeBatches } from "./batches.ts";
import { AgentExecutionEndedError, BatchOutOfOrderError, InvalidStatusError } from "./errors.ts";
import { type LockedExecution, lockExecution } from "./queries.ts";
import { type AgentExecutionStatus, isEnded } from "./status.ts";
import { pinClock } from "./stream/clock.ts";
import type { EventDraft } from "./stream/drafts.ts";
import { CommitGroup, type CommitResult, type Settled } from "./stream/group.ts";
import { writeDrafts } from "./stream/write.ts";

export interface AppendCall {
  readonly actor: Actor;
  readonly batch: number | null;
  readonly drafts: readonly EventDraft[];
  readonly origin?: Origin | null;
  readonly attempt: Attempt;
}

export const APPEND_ACTION = "agent_execution.append";

export interface AppendAnswer {
  /** Where the call's events end in the stream. */
  readonly seq: number;
  readonly status: AgentExecutionStatus;
}

type Group = CommitGroup<AppendCall, AppendAnswer>;

/** The groups with work, by database client (one per process, several in tests) and execution. */
const GROUPS = new WeakMap<object, Map<string, Group>>();

function groupsOf(ctx: Context): Map<string, Group> {
  const known = GROUPS.get(ctx.db);
  if (known) return known;
  const made = new Map<string, Group>();
  GROUPS.set(ctx.db, made);
  return made;
}

/**
 * Queues the call with the others of its execution, in the order of arrival (nothing is awaited before);
 * resolves when its events are durable.
 */
export async function appendExternal(ctx: Context, id: string, call: AppendCall): Promise<AppendAnswer> {
  const groups = groupsOf(ctx);
  let group = groups.get(id);
  if (!group) {
    const made: Group = new CommitGroup({
      windowMs: ctx.settings.textWindowMs,
      admit: (calls) => admitCallers(ctx, id, calls),
      commit: committer(ctx, id),
    });
    group = made;
    groups.set(id, made);
  }
  try {
    return await group.push(call);
  } finally {
    forgetLater(groups, id, group, ctx.settings.textWindowMs);
  }
}

interface Verdict {
  readonly refusal: Error | null;
  /** Null: no such execution. */
  readonly projectId: string | null;
}

/** Checks each caller once for all the calls that came together. */
async function admitCallers(
  ctx: Context,
  id: string,
  calls: readonly AppendCall[],
): Promise<(Error | null)[]> {
  const verdicts = new Map<string, Promise<Verdict>>();
  return Promise.all(
    calls.map(async ({ actor, attempt }) => {
      const key = JSON.stringify(actor);
      const verdict = verdicts.get(key) ?? admitCaller(ctx, actor, id);
      verdicts.set(key, verdict);
      const { refusal, projectId } = await verdict;
      attempt.about({ projectId });
      return refusal;
    }),
  );
}

async function admitCaller(ctx: Context, actor: Actor, id: string): Promise<Verdict> {
  let projectId: string | null = null;
  const attempt = { about: (more: { projectId?: string | null }) => (projectId = more.projectId ?? null) };
  try {
    const { external, status } = await loadExecution(ctx, actor, id, "agent.append", attempt);
    if (!external) {
      return { projectId, refusal: new InvalidStatusError("Only external runs take events from outside.") };
    }
    return { projectId, refusal: isEnded(status) ? new AgentExecutionEndedError(status) : null };
  } catch (error) {
    if (error instanceof DomainError) return { projectId, refusal: error };
    throw error;
  }
}

/** A group remembers when its text window opens; after that an idle one is worth nothing. */
function forgetLater(groups: Map<string, Group>, id: string, group: Group, windowMs: number): void {
  if (!group.isIdle) return;
  const timer = setTimeout(() => {
    if (group.isIdle && groups.get(id) === group) groups.delete(id);
  }, windowMs * 2);
  timer.unref();
}

/** Resolves when no append of the execution waits in this process. */
export async function appendsDone(ctx: Context, id: string): Promise<void> {
  await groupsOf(ctx).get(id)?.idle();
}

/**
 * Commits groups of calls of one execution. Another process may have written text within the window: then the
 * calls wait once more, with the row unlocked. `seen` keeps a clock that stands still from making that forever.
 */
function committer(
  ctx: Context,
  id: string,
): (calls: readonly AppendCall[]) => Promise<CommitResult<AppendAnswer>> {
  let seen: number | null = null;
  const clock = pinClock(ctx.clock);
  return async (calls) => {
    const result = await transact({ ...ctx, clock }, async (tx) => {
      clock.reset();
      const row = await lockExecution(tx, id);
      const waitMs = row ? windowLeft(tx, row, calls, seen) : 0;
      if (waitMs === 0) return { answers: await answerAll(tx, row, calls) };
      seen = row?.lastTextAt?.getTime() ?? null;
      return { waitMs };
    });
    return result;
  };
}

function windowLeft(
  tx: Context,
  row: LockedExecution,
  calls: readonly AppendCall[],
  seen: number | null,
): number {
  const hasText = calls.some(({ drafts }) => drafts.some(({ kind }) => kind === "textDelta"));
  if (!hasText || !row.lastTextAt || row.lastTextAt.getTime() === seen) return 0;
  const { textWindowMs } = tx.settings;
  const left = row.lastTextAt.getTime() + textWindowMs - tx.clock.now().getTime();
  return Math.min(Math.max(0, left), textWindowMs);
}

async function answerAll(
  tx: Context,
  row: LockedExecution | null,
  calls: readonly AppendCall[],
): Promise<Settled<AppendAnswer>[]> {
  if (!row) return calls.map(() => refuse(new NotFoundError("agent execution")));
  const { status } = row;
  if (isEnded(status)) return calls.map(() => refuse(new AgentExecutionEndedError(status)));
  const plan = await planBatches(tx, row, calls);
  const accepted = plan.flatMap((step, index) => (step.kind === "write" ? [calls[index]?.drafts ?? []] : []));
  const written = await writeDrafts(tx, row, accepted.flat());
  const seqs = plan.map(seqFinder(written.seqs, written.headBefore, calls));
  await storeBatches(tx, row.id, plan, seqs);
  await auditCalls(tx, row, calls, plan);
  await tx.db.agentExecution.update({
    where: { id: row.id },
    select: { id: true },
    data: { ...written.changes, lastActivityAt: tx.clock.now(), lastBatch: lastBatchOf(plan, row.lastBatch) },
  });
  return plan.map((step, index) =>
    step.kind === "skip"
      ? refuse(new BatchOutOfOrderError(step.expected))
      : { ok: true, value: { seq: seqs[index] ?? written.headBefore, status } },
  );
}

/** One entry for each call that is answered; the one of a skip is written where its error arrives. */
async function auditCalls(
  tx: Context,
  row: LockedExecution,
  calls: readonly AppendCall[],
  plan: readonly BatchPlan[],
): Promise<void> {
  const target = { type: "AgentExecution", id: row.id } as const;
  const entries = calls.flatMap(({ actor, origin, drafts, batch }, index) => {
    const kind = plan[index]?.kind;
    if (kind === "skip") return [];
    const details = { events: drafts.length, batch, ...(kind === "repeat" && { repeated: true }) };
    return [{ actor, origin, event: { action: APPEND_ACTION, projectId: row.projectId, target, details } }];
  });
  await auditAll(tx, tx, entries);
}

function refuse(error: Error): Settled<never> {
  return { ok: false, error };
}

function lastBatchOf(plan: readonly BatchPlan[], before: number): number {
  return plan.reduce(
    (last, step) => (step.kind === "write" && step.batch !== null ? step.batch : last),
    before,
  );
}

/** Where each call ends: its own last event, its first answer when repeated, or where the stream stood. */
function seqFinder(
  seqs: readonly number[],
  headBefore: number,
  calls: readonly AppendCall[],
): (step: BatchPlan, index: number) => number {
  let drafts = 0;
  let seq = headBefore;
  const answered = new Map<number, number>();
  return (step, index) => {
    if (step.kind === "repeat") return step.seq ?? answered.get(step.batch) ?? seq;
    if (step.kind === "skip") return seq;
    drafts += calls[index]?.drafts.length ?? 0;
    seq = drafts === 0 ? headBefore : (seqs[drafts - 1] ?? seq);
    if (step.batch !== null) answered.set(step.batch, seq);
    return seq;
  };
}
