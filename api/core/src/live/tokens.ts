import { z } from "zod";
import {
  audited,
  decide,
  issueStreamToken,
  MAX_TOKEN_MS,
  parseInput,
  TOKEN_PERMISSIONS,
} from "../account/index.ts";
import type { Actor, KeyActor, StreamTarget, TokenPermission, UserActor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, InvalidInputError, NotFoundError } from "../errors.ts";
import { transact } from "../transaction.ts";
import { STREAM_ID, STREAM_NAME, streamProject } from "./subject.ts";

const HOUR_SECONDS = 3_600;
const DEFAULT_SECONDS = 15 * 60;
/** A CI job that only appends to its own run may take a day. */
const MAX_APPEND_SECONDS = MAX_TOKEN_MS / 1000;

const schema = z
  .object({
    permissions: z.array(z.enum(["read", "append"])).min(1),
    expiresIn: z.int().min(1).max(MAX_APPEND_SECONDS).nullish(),
  })
  .refine(({ permissions, expiresIn }) => !permissions.includes("read") || (expiresIn ?? 0) <= HOUR_SECONDS, {
    path: ["expiresIn"],
    message: `a token that reads lives at most ${HOUR_SECONDS} seconds`,
  });

export interface CreateStreamTokenInput {
  readonly target: StreamTarget;
  readonly permissions: readonly TokenPermission[];
  /** Seconds; a quarter of an hour when not said. At most an hour, and a day for `append` alone. */
  readonly expiresIn?: number | null;
}

export interface StreamToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Makes a token that reads one stream, or appends to (and ends) one external run, and does nothing else. It works no
 * longer than the caller's session or key, and only while the caller has the permission himself. Not stored. Throws
 * NotFoundError, ForbiddenError (a token makes none), InvalidInputError.
 */
export async function createStreamToken(
  ctx: Context,
  actor: Actor,
  input: CreateStreamTokenInput,
): Promise<StreamToken> {
  const { target } = input;
  const about = { type: STREAM_ID[target.kind], id: target.id };
  return audited(ctx, actor, { action: "stream_token.create", target: about }, async (attempt) => {
    const issuer = issuerOf(actor);
    const projectId = await streamProject(ctx, target);
    attempt.about({ projectId });
    await assertReadable(ctx, issuer, projectId, target);
    const parsed = parseInput(schema, input);
    const permissions = [...new Set(parsed.permissions)];
    for (const permission of permissions) await assertMay(ctx, issuer, projectId, target, permission);
    if (permissions.includes("append")) await assertTakesEvents(ctx, target);
    const seconds = parsed.expiresIn ?? DEFAULT_SECONDS;
    const made = await issueStreamToken(ctx, issuer, { projectId, target, permissions }, seconds * 1000);
    const details = { permissions, expiresAt: made.expiresAt.toISOString() };
    await transact(ctx, (tx) => attempt.succeed(tx, { details }));
    return made;
  });
}

function issuerOf(actor: Actor): UserActor | KeyActor {
  if (actor.type === "user" || actor.type === "key") return actor;
  throw new ForbiddenError("A token is made with a session or an API key.");
}

/** Before anything is said of the input: a stranger learns nothing. */
async function assertReadable(
  ctx: Context,
  issuer: UserActor | KeyActor,
  projectId: string,
  target: StreamTarget,
): Promise<void> {
  const { read } = TOKEN_PERMISSIONS[target.kind];
  const decision = read && (await decide(ctx, issuer, projectId, read));
  if (decision === "unknown") throw new NotFoundError(STREAM_NAME[target.kind]);
}

async function assertMay(
  ctx: Context,
  issuer: UserActor | KeyActor,
  projectId: string,
  { kind }: StreamTarget,
  name: TokenPermission,
): Promise<void> {
  const permission = TOKEN_PERMISSIONS[kind][name];
  if (!permission) throw invalid("permissions", `no ${name} for this kind of stream`);
  const decision = await decide(ctx, issuer, projectId, permission);
  if (decision !== "allowed") throw new ForbiddenError(`This needs the permission ${permission}.`);
}

async function assertTakesEvents(ctx: Context, { id }: StreamTarget): Promise<void> {
  const run = await ctx.db.agentExecution.findUniqueOrThrow({
    where: { id },
    select: { external: true, completedAt: true },
  });
  if (!run.external) throw invalid("permissions", "only external runs take events from outside");
  if (run.completedAt) throw invalid("permissions", "the run has ended");
}

function invalid(member: string, message: string): InvalidInputError {
  return new InvalidInputError("The token cannot be made.", [{ path: ["input", member], message }]);
}
