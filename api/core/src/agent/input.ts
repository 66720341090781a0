import { z } from "zod";
import { parseInput } from "../account/index.ts";
import { InvalidInputError } from "../errors.ts";
import type { Json } from "../ports.ts";
import { json, text } from "./parse.ts";
import type { EventDraft } from "./stream/drafts.ts";

/** Exactly one of the fields is set. Token counts are absent where a tool does not know them. */
export interface AgentEventInput {
  readonly textDelta?: { readonly messageId: string; readonly text: string } | null;
  readonly message?: {
    readonly messageId: string;
    readonly role: string;
    readonly text: string;
    readonly parentCallId?: string | null;
  } | null;
  readonly toolCallStarted?: {
    readonly callId: string;
    readonly parentCallId?: string | null;
    readonly tool: string;
    readonly arguments?: Json;
  } | null;
  readonly toolCallFinished?: {
    readonly callId: string;
    readonly ok: boolean;
    readonly result?: Json;
    readonly durationMs?: number | null;
  } | null;
  readonly usage?: UsageInput | null;
}

type Count = bigint | number | string | null;

export interface UsageInput {
  readonly model?: string | null;
  readonly inputTokens?: Count;
  readonly cacheReadTokens?: Count;
  readonly cacheWrite5mTokens?: Count;
  readonly cacheWrite1hTokens?: Count;
  readonly outputTokens?: Count;
  readonly reasoningTokens?: Count;
}

const MOST_EVENTS = 500;
const MOST_BYTES = 256 * 1024;
const MOST_TOKENS = 10n ** 12n;

const id = text(200).refine((value) => value !== "", "must not be empty");
const count = z
  .union([z.bigint(), z.int(), z.string().regex(/^\d{1,15}$/)])
  .nullish()
  .transform((value) => BigInt(value ?? 0))
  .refine((value) => value >= 0n && value <= MOST_TOKENS, "is no count of tokens");
const parentCallId = id.nullish().transform((value) => value ?? null);

const event = z
  .object({
    textDelta: z.object({ messageId: id, text: text(MOST_BYTES) }).nullish(),
    message: z.object({ messageId: id, role: text(50), text: text(MOST_BYTES), parentCallId }).nullish(),
    toolCallStarted: z.object({ callId: id, parentCallId, tool: text(200), arguments: json }).nullish(),
    toolCallFinished: z
      .object({
        callId: id,
        ok: z.boolean(),
        result: json,
        durationMs: z
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .nullish()
          .transform((value) => value ?? null),
      })
      .nullish(),
    usage: z
      .object({
        model: text(200).nullish(),
        inputTokens: count,
        cacheReadTokens: count,
        cacheWrite5mTokens: count,
        cacheWrite1hTokens: count,
        outputTokens: count,
        reasoningTokens: count,
      })
      .nullish(),
  })
  .refine(
    (value) => Object.values(value).filter((part) => part !== null && part !== undefined).length === 1,
    "exactly one kind of event must be set",
  );
const events = z.object({ events: z.array(event).max(MOST_EVENTS) });

function toDraft(input: z.output<typeof event>): EventDraft {
  if (input.textDelta) return { kind: "textDelta", ...input.textDelta };
  if (input.message) return { kind: "message", ...input.message };
  if (input.toolCallStarted) return { kind: "toolCallStarted", ...input.toolCallStarted };
  if (input.toolCallFinished) return { kind: "toolCallFinished", ...input.toolCallFinished };
  const { model, ...tokens } = input.usage ?? ({} as never);
  return { kind: "usage", model: model ?? null, tokens };
}

function bytesOf(value: unknown): number {
  const text = JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part));
  return Buffer.byteLength(text ?? "");
}

/** The events of one call; InvalidInputError for too many, too large, or none of the kinds. */
export function parseEvents(input: readonly AgentEventInput[]): EventDraft[] {
  const bytes = bytesOf(input);
  if (bytes > MOST_BYTES) {
    const message = `A call takes at most ${MOST_BYTES} bytes of events; these are ${bytes}.`;
    throw new InvalidInputError(message, [{ path: ["input", "events"], message }]);
  }
  return parseInput(events, { events: input }).events.map(toDraft);
}
