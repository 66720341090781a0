import type { AgentExecution } from "@shiplog/db";
import { z } from "zod";
import { type Attempt, assertActive, audited, authorize, parseInput } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Json } from "../../ports.ts";
import { transact } from "../../transaction.ts";
import { createExecution } from "../create.ts";
import { jsonObject, text } from "../parse.ts";
import { resolveInput } from "../workspace.ts";

const INPUT_BYTES = 64 * 1024;

export interface StartAgentExecutionInput {
  /** UUID. */
  readonly projectId: string;
  readonly agentType: string;
  readonly taskDescription?: string | null;
  /** A JSON object; `path` names the folder that an internal agent reads. */
  readonly inputData?: Json;
  /** The run happens outside and streams in through `appendAgentExecutionEvents`. */
  readonly external?: boolean | null;
  /** A second start of the project with the same key answers the first execution. */
  readonly idempotencyKey?: string | null;
}

const schema = z.object({
  projectId: z.uuid(),
  agentType: text(100).refine((value) => value.trim() !== "", "must not be empty"),
  taskDescription: text(10_000).nullish(),
  inputData: jsonObject(INPUT_BYTES),
  external: z.boolean().nullish(),
  idempotencyKey: text(200).nullish(),
});

/**
 * Starts a run: an internal one as a pending execution with its job, an external one running at once.
 * NotFoundError, ForbiddenError (agent.write), InvalidInputError (unknown agent type, a folder outside the
 * workspaces, an archived project).
 */
export async function startAgentExecution(
  ctx: Context,
  actor: Actor,
  input: StartAgentExecutionInput,
): Promise<AgentExecution> {
  const { projectId } = input;
  return audited(ctx, actor, { action: "agent_execution.start", projectId }, (attempt) =>
    start(ctx, actor, input, attempt),
  );
}

async function start(
  ctx: Context,
  actor: Actor,
  input: StartAgentExecutionInput,
  attempt: Attempt,
): Promise<AgentExecution> {
  const parsed = parseInput(schema, input);
  const { projectId, agentType } = parsed;
  await authorize(ctx, actor, projectId, "agent.write");
  const idempotencyKey = parsed.idempotencyKey ?? null;
  const first = idempotencyKey === null ? null : await findFirst(ctx, projectId, idempotencyKey);
  if (first) return repeated(ctx, first, attempt);
  await assertActive(ctx, projectId);
  const external = parsed.external ?? false;
  const inputData = external
    ? parsed.inputData
    : await resolveInput(ctx, actor, { projectId, agentType, inputData: parsed.inputData });
  const { taskDescription } = parsed;
  const execution = {
    projectId,
    agentType,
    taskDescription: taskDescription ?? "",
    inputData,
    external,
    idempotencyKey,
  };
  const created = await createExecution(ctx, actor, { ...execution, retryOfId: null }, attempt);
  // Null: a parallel start with the same key came first.
  return created ?? repeated(ctx, await findFirstOrThrow(ctx, projectId, idempotencyKey ?? ""), attempt);
}

async function repeated(ctx: Context, first: AgentExecution, attempt: Attempt): Promise<AgentExecution> {
  const target = { type: "AgentExecution", id: first.id } as const;
  await transact(ctx, (tx) => attempt.succeed(tx, { target, details: { repeated: true } }));
  return first;
}

function findFirst(ctx: Context, projectId: string, idempotencyKey: string): Promise<AgentExecution | null> {
  return ctx.db.agentExecution.findUnique({
    where: { projectId_idempotencyKey: { projectId, idempotencyKey } },
  });
}

async function findFirstOrThrow(ctx: Context, projectId: string, key: string): Promise<AgentExecution> {
  const found = await findFirst(ctx, projectId, key);
  if (!found) throw new InvalidInputError("The project is gone.");
  return found;
}
