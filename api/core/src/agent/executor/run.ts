import type { Context } from "../../context.ts";
import type { AgentDefinition, AgentRuntime } from "../../ports.ts";
import type { Claim } from "../queries.ts";
import { toJson } from "../stream/json.ts";
import { type Budget, budgetOf, overBudget, wallAlarm } from "./budget.ts";
import { claimExecution } from "./claim.ts";
import { conclude, type RunOutcome, type Verdict, verdictOf } from "./conclude.ts";
import { Guard } from "./guard.ts";
import { stepIO } from "./io.ts";
import { commitStep, committedOutputs } from "./steps.ts";
import { Stop, stopOf, untilStopped } from "./stop.ts";
import { LazyTools } from "./tools.ts";
import { RunWriter } from "./writer.ts";

export interface RunOptions {
  /** UUID of the execution. */
  readonly id: string;
  /** Names this worker in the lease. */
  readonly worker: string;
  /** Aborted when the worker shuts down: the run is released for another one. */
  readonly signal: AbortSignal;
}

/**
 * Carries out an execution from its claim to its end, or until it is cancelled, lost or released. Every write is
 * under the claim's fence. Throws only when the database fails; the lease then runs out and the sweep finds it.
 */
export async function runAgentExecution(
  ctx: Context,
  agents: AgentRuntime,
  options: RunOptions,
): Promise<RunOutcome> {
  if (options.signal.aborted) return "not_claimed";
  const claim = await claimExecution(ctx, options.id, options.worker);
  if (!claim) return "not_claimed";
  const attempt = new Attempt(ctx, agents, claim);
  const onRelease = () => attempt.stop(new Stop("released", "The worker shuts down."));
  options.signal.addEventListener("abort", onRelease, { once: true });
  if (options.signal.aborted) onRelease();
  try {
    const verdict = await attempt.run();
    return await conclude(ctx, claim, verdict);
  } finally {
    options.signal.removeEventListener("abort", onRelease);
    attempt.close();
  }
}

/** One claim's work. */
class Attempt {
  readonly #ctx: Context;
  readonly #agents: AgentRuntime;
  readonly #claim: Claim;
  readonly #budget: Budget;
  readonly #controller = new AbortController();
  readonly #writer: RunWriter;
  readonly #guard: Guard;
  readonly #disarm: () => void;

  constructor(ctx: Context, agents: AgentRuntime, claim: Claim) {
    this.#ctx = ctx;
    this.#agents = agents;
    this.#claim = claim;
    this.#budget = budgetOf(claim.budget);
    this.#writer = new RunWriter(ctx, claim, {
      stop: (stop) => this.stop(stop),
      counted: (counts) => this.#charge({ steps: 0, ...counts }),
    });
    this.#guard = new Guard(ctx, claim, (stop) => this.stop(stop));
    this.#disarm = wallAlarm(this.#budget, claim.startedAt, ctx.clock.now(), (stop) => this.stop(stop));
    if (claim.cancelRequestedAt) this.stop(new Stop("cancelled", "The run was cancelled."));
  }

  /** The first reason stays. */
  stop(stop: Stop): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(stop);
  }

  close(): void {
    this.#guard.close();
    this.#disarm();
  }

  /** All steps that are not committed yet, one after another; the tools are closed when it returns. */
  async run(): Promise<Verdict> {
    const tools = new LazyTools(this.#ctx, this.#agents, this.#claim, this.#controller.signal);
    try {
      const agent = this.#agents.definitions.get(this.#claim.agentType);
      if (!agent) throw new Error(`This worker has no agent "${this.#claim.agentType}".`);
      return { kind: "completed", output: await this.#steps(agent, tools) };
    } catch (error) {
      // A step that was aborted may throw anything; the stop says why.
      const verdict = verdictOf(stopOf(this.#controller.signal) ?? error);
      if (verdict.kind === "failed")
        this.#ctx.log.info({ error, executionId: this.#claim.id }, "a run failed");
      return verdict;
    } finally {
      await tools.close();
      await this.#writer.flush();
    }
  }

  async #steps(agent: AgentDefinition, tools: LazyTools) {
    const signal = this.#controller.signal;
    const outputs = await committedOutputs(this.#ctx, this.#claim, agent);
    for (const [index, step] of agent.steps.entries()) {
      if (Object.hasOwn(outputs, step.name)) continue;
      this.#charge({ steps: index + 1, toolCalls: 0, costNanos: null });
      const startedAt = this.#ctx.clock.now();
      const io = stepIO({
        ctx: this.#ctx,
        signal,
        attempt: this.#claim.attempt,
        input: this.#claim.inputData,
        outputs,
        writer: this.#writer,
        tools: tools.get,
      });
      const work = { kind: "agent_step", agentType: agent.type, step: step.name } as const;
      const output = await this.#ctx.telemetry.measure(work, () =>
        untilStopped(
          signal,
          Promise.resolve().then(() => step.run(io)),
        ),
      );
      await this.#writer.flush();
      const stop = stopOf(signal);
      if (stop) throw stop;
      outputs[step.name] = await commitStep(this.#ctx, this.#claim, {
        index,
        name: step.name,
        output,
        startedAt,
      });
    }
    return toJson(agent.result(outputs));
  }

  #charge(counts: Parameters<typeof overBudget>[1]): void {
    const stop = overBudget(this.#budget, counts);
    if (stop) this.stop(stop);
  }
}
