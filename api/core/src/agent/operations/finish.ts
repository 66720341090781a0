import type { AgentExecution } from "@shiplog/db";
import { z } from "zod";
import { audited, parseInput } from "../../account/index.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { NotFoundError } from "../../errors.ts";
import type { Json } from "../../ports.ts";
import { transact } from "../../transaction.ts";
import { loadExecution, readExecution } from "../access.ts";
import { appendsDone } from "../append.ts";
import { endExecution } from "../end.ts";
import { AgentExecutionEndedError, InvalidStatusError } from "../errors.ts";
import { json, text } from "../parse.ts";
import { lockExecution } from "../queries.ts";
import { type EndStatus, isEnded } from "../status.ts";

const OUTPUT_BYTES = 1024 * 1024;

const schema = z.object({
  status: z.enum(["completed", "failed", "cancelled"]),
  outputData: json.refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= OUTPUT_BYTES,
    `at most ${OUTPUT_BYTES} bytes of JSON`,
  ),
  errorMessage: text(10_000).nullish(),
});

export interface FinishAgentExecutionInput {
  readonly id: string;
  readonly status: EndStatus;
  readonly outputData?: Json;
  readonly errorMessage?: string | null;
}

/**
 * Ends an external run, after every append that came before in this process. AgentExecutionEndedError when it
 * has ended already; InvalidStatusError for a run that Shiplog carries out itself.
 */
export async function finishAgentExecution(
  ctx: Context,
  actor: Actor,
  input: FinishAgentExecutionInput,
): Promise<AgentExecution> {
  const { id } = input;
  const event = { action: "agent_execution.finish", target: { type: "AgentExecution", id } } as const;
  return audited(ctx, actor, event, async (attempt) => {
    const { external } = await loadExecution(ctx, actor, id, "agent.append", attempt);
    if (!external) throw new InvalidStatusError("This run is carried out by Shiplog and ends by itself.");
    const ending = parseInput(schema, input);
    await appendsDone(ctx, id);
    await transact(ctx, async (tx) => {
      const row = await lockExecution(tx, id);
      if (!row) throw new NotFoundError("agent execution");
      if (isEnded(row.status)) throw new AgentExecutionEndedError(row.status);
      await endExecution(tx, row, ending);
      await attempt.succeed(tx, { details: { status: ending.status } });
    });
    return readExecution(ctx, id);
  });
}
