import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "../../context.ts";
import type { AgentRuntime, ToolHost } from "../../ports.ts";
import type { Claim } from "../queries.ts";
import { recheckWorkspace } from "../workspace.ts";
import { readForRun } from "./fence.ts";

/** Longest that a stopping run waits for its tools' processes to end (ms). */
const CLOSE_MS = 1_000;

/** The tool processes of one attempt: opened at the first call, closed with the attempt. */
export class LazyTools {
  readonly #open: () => Promise<ToolHost>;
  readonly #ctx: Context;
  #host: Promise<ToolHost> | null = null;

  constructor(ctx: Context, agents: AgentRuntime, claim: Claim, signal: AbortSignal) {
    this.#ctx = ctx;
    this.#open = async () => {
      const recheck = () => recheckWorkspace(ctx, claim.projectId, claim.inputData);
      const workspacePath = await readForRun(ctx, claim, recheck);
      return agents.openTools({ projectId: claim.projectId, workspacePath }, signal);
    };
  }

  get = (): Promise<ToolHost> => {
    this.#host ??= this.#open();
    return this.#host;
  };

  async close(): Promise<void> {
    if (!this.#host) return;
    const closing = this.#host.then(
      (host) => host.close(),
      () => {},
    );
    const logged = closing.catch((error: unknown) =>
      this.#ctx.log.warn({ error }, "the tools of a run did not close"),
    );
    await Promise.race([logged, delay(CLOSE_MS, undefined, { ref: false })]);
  }
}
