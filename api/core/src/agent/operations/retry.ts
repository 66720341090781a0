import type { AgentExecution } from "@shiplog/db";
import { z } from "zod";
import { assertActive, audited, parseInput } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { NotFoundError } from "../../errors.ts";
import type { Json } from "../../ports.ts";
import { loadExecution } from "../access.ts";
import { createExecution } from "../create.ts";
import { InvalidStatusError } from "../errors.ts";
import { jsonObject } from "../parse.ts";
import { isEnded } from "../status.ts";
import { resolveInput } from "../workspace.ts";

const schema = z.object({ id: z.string(), inputData: jsonObject(64 * 1024) });

export interface RetryAgentExecutionInput {
  readonly id: string;
  /** Null: the input of the first run. */
  readonly inputData?: Json;
}

/**
 * A new execution with `retryOf`; the old one stays as it ended. A folder is checked again, for whoever retries.
 * InvalidStatusError while the old one has not ended, and when retention took its task; InvalidInputError when the project is archived.
 */
export async function retryAgentExecution(
  ctx: Context,
  actor: Actor,
  input: RetryAgentExecutionInput,
): Promise<AgentExecution> {
  const { id } = input;
  const event = { action: "agent_execution.retry", target: { type: "AgentExecution", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const old = await loadExecution(ctx, actor, id, "agent.write", attempt);
    if (!isEnded(old.status)) throw new InvalidStatusError("Only a run that has ended can be retried.");
    if (old.contentRemovedAt)
      throw new InvalidStatusError("The task of this run is no longer kept: start a new one.");
    await assertActive(ctx, old.projectId);
    const { inputData: given } = parseInput(schema, { id, inputData: input.inputData ?? old.inputData });
    const { projectId, agentType, taskDescription, external } = old;
    const inputData = external
      ? given
      : await resolveInput(ctx, actor, { projectId, agentType, inputData: given });
    const execution = { projectId, agentType, taskDescription, inputData, external, idempotencyKey: null };
    const created = await createExecution(ctx, actor, { ...execution, retryOfId: old.id }, attempt);
    if (!created) throw new NotFoundError("project");
    return created;
  });
}
