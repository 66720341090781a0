import { z } from "zod";
import { text } from "../account/index.ts";
import { cleanText } from "../clean.ts";
import type { TokenUsage } from "./usage.ts";

const AI_TOOLS = ["chatgpt", "claude", "copilot", "cursor", "codex", "gemini", "other"] as const;
const AI_CATEGORIES = ["feature", "bugfix", "refactor", "docs", "test", "other"] as const;
type AICategory = (typeof AI_CATEGORIES)[number];

const MOST = { text: 1_000_000, diff: 500_000, diffs: 4_000_000, files: 500, lines: 10_000_000 } as const;
const MOST_TOKENS = 10n ** 12n;
/** Clocks of other machines run ahead a little. */
const AHEAD_MS = 5 * 60_000;

export interface CodeChangeInput {
  readonly path: string;
  readonly diff?: string | null;
  /** Lines; counted in the diff when absent. */
  readonly added?: number | null;
  readonly removed?: number | null;
}

export interface RecordAIActivityInput {
  /** UUID. */
  readonly projectId: string;
  /** One of AI_TOOLS. */
  readonly tool: string;
  readonly category?: AICategory | null;
  readonly prompt?: string | null;
  readonly response?: string | null;
  readonly codeChanges?: readonly CodeChangeInput[] | null;
  readonly decision?: string | null;
  readonly model?: string | null;
  /** Canonical counts; parts that exceed their whole are cut to it. */
  readonly usage?: TokenUsage | null;
  /** The tool's own id of the conversation. */
  readonly sessionId?: string | null;
  /** Full hash. */
  readonly commitSha?: string | null;
  /** Null = now. */
  readonly occurredAt?: Date | null;
  /** A second activity of the project with the same key answers the first. */
  readonly idempotencyKey?: string | null;
}

const long = (most: number) => z.string().max(most).transform(cleanText).nullish();
const tokens = z.bigint().max(MOST_TOKENS);
const lines = z.int().min(0).max(MOST.lines).nullish();

const codeChange = z.object({ path: text(1_000, 1), diff: long(MOST.diff), added: lines, removed: lines });

/** The rules of an activity, at a moment. */
export function activityInput(now: Date) {
  const latest = new Date(now.getTime() + AHEAD_MS);
  return z.object({
    tool: z.enum(AI_TOOLS),
    category: z.enum(AI_CATEGORIES).nullish(),
    prompt: long(MOST.text),
    response: long(MOST.text),
    codeChanges: z
      .array(codeChange)
      .max(MOST.files)
      .refine((changes) => sizeOf(changes) <= MOST.diffs, `at most ${MOST.diffs} characters of diffs`)
      .nullish(),
    decision: text(2_000).nullish(),
    model: text(200).nullish(),
    usage: z
      .object({
        inputTokens: tokens,
        cacheReadTokens: tokens,
        cacheWrite5mTokens: tokens,
        cacheWrite1hTokens: tokens,
        outputTokens: tokens,
        reasoningTokens: tokens,
      })
      .nullish(),
    sessionId: text(200).nullish(),
    commitSha: z
      .string()
      .toLowerCase()
      .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "must be a full commit hash")
      .nullish(),
    occurredAt: z.date().max(latest, "must not lie in the future").nullish(),
    idempotencyKey: text(200, 1).nullish(),
  });
}

export type ParsedActivity = z.output<ReturnType<typeof activityInput>>;

function sizeOf(changes: readonly { readonly diff?: string | null }[]): number {
  return changes.reduce((total, change) => total + (change.diff?.length ?? 0), 0);
}

export interface CountedChange {
  readonly path: string;
  readonly diff: string | null;
  readonly added: number;
  readonly removed: number;
}

/** The lines of a change: as told, else counted in its diff. */
export function countedChange({ path, diff, added, removed }: z.output<typeof codeChange>): CountedChange {
  return {
    path,
    diff: diff ?? null,
    added: added ?? count(diff, /^\+(?!\+\+ )/gm),
    removed: removed ?? count(diff, /^-(?!-- )/gm),
  };
}

function count(diff: string | null | undefined, sign: RegExp): number {
  return diff?.match(sign)?.length ?? 0;
}
