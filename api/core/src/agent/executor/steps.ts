import type { Prisma } from "@shiplog/db";
import type { Context } from "../../context.ts";
import type { AgentDefinition, Json } from "../../ports.ts";
import { redactorOf } from "../../redact/index.ts";
import type { Claim } from "../queries.ts";
import { toJson } from "../stream/json.ts";
import { readForRun, underFence } from "./fence.ts";

/** Outputs by step name. */
export type Outputs = Record<string, Json>;

/** The committed steps of earlier attempts. Throws when the agent's steps are no longer those. */
export async function committedOutputs(ctx: Context, claim: Claim, agent: AgentDefinition): Promise<Outputs> {
  const rows = await readForRun(ctx, claim, () =>
    ctx.db.agentStep.findMany({
      where: { executionId: claim.id },
      orderBy: { index: "asc" },
      select: { index: true, name: true, output: true },
    }),
  );
  const outputs: Outputs = {};
  rows.forEach((row, at) => {
    if (row.index !== at || agent.steps[at]?.name !== row.name) {
      throw new Error(`The agent's steps changed while it ran: "${row.name}" is not step ${at + 1}.`);
    }
    outputs[row.name] = row.output as Json;
  });
  return outputs;
}

export interface FinishedStep {
  readonly index: number;
  readonly name: string;
  readonly output: unknown;
  readonly startedAt: Date;
}

/** Commits a step under the fence; its primary key keeps a second commit of the same step out. */
export async function commitStep(ctx: Context, claim: Claim, step: FinishedStep): Promise<Json> {
  const output = (await redactorOf(ctx, claim.projectId)).json(toJson(step.output));
  await underFence(ctx, claim, async (tx) => {
    await tx.db.agentStep.createMany({
      data: {
        executionId: claim.id,
        index: step.index,
        name: step.name,
        output: (output ?? {}) as Prisma.InputJsonValue,
        fence: claim.fence,
        startedAt: step.startedAt,
        completedAt: tx.clock.now(),
      },
    });
    // Open pages read the steps again when the stream wakes them.
    tx.afterCommit(() => tx.bus.wake([claim.id]));
  });
  return output;
}
