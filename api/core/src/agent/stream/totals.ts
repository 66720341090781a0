import type { Prisma } from "@shiplog/db";
import { NO_USAGE, type TokenUsage } from "../../activity/index.ts";
import type { Usage } from "./drafts.ts";

/** What a group of events adds to its execution's sums. */
export class Totals {
  toolCalls = 0;
  #tokens: TokenUsage = NO_USAGE;
  #costNanos: bigint | null = null;
  #unpriced = 0;
  #model: string | null = null;

  addUsage({ tokens, model }: Usage, costNanos: bigint | null): void {
    const sum = this.#tokens;
    this.#tokens = {
      inputTokens: sum.inputTokens + tokens.inputTokens,
      cacheReadTokens: sum.cacheReadTokens + tokens.cacheReadTokens,
      cacheWrite5mTokens: sum.cacheWrite5mTokens + tokens.cacheWrite5mTokens,
      cacheWrite1hTokens: sum.cacheWrite1hTokens + tokens.cacheWrite1hTokens,
      outputTokens: sum.outputTokens + tokens.outputTokens,
      reasoningTokens: sum.reasoningTokens + tokens.reasoningTokens,
    };
    if (costNanos === null) this.#unpriced++;
    else this.#costNanos = (this.#costNanos ?? 0n) + costNanos;
    this.#model = model ?? this.#model;
  }

  /** The cost after these events; null while nothing was priced. */
  costAfter(before: bigint | null): bigint | null {
    return this.#costNanos === null ? before : (before ?? 0n) + this.#costNanos;
  }

  /** The columns to change. The cost is computed, not incremented: the row is locked and may hold null. */
  changes(costBefore: bigint | null): Prisma.AgentExecutionUpdateInput {
    return {
      toolCalls: { increment: this.toolCalls },
      inputTokens: { increment: this.#tokens.inputTokens },
      cacheReadTokens: { increment: this.#tokens.cacheReadTokens },
      cacheWrite5mTokens: { increment: this.#tokens.cacheWrite5mTokens },
      cacheWrite1hTokens: { increment: this.#tokens.cacheWrite1hTokens },
      outputTokens: { increment: this.#tokens.outputTokens },
      reasoningTokens: { increment: this.#tokens.reasoningTokens },
      costNanos: this.costAfter(costBefore),
      unpricedUsages: { increment: this.#unpriced },
      ...(this.#model === null ? {} : { model: this.#model }),
    };
  }
}
