import type { Context } from "../../context.ts";
import { cleanText } from "../../live/index.ts";
import type { AgentStepIO, Json, ToolHost } from "../../ports.ts";
import { toJson } from "../stream/json.ts";
import type { Outputs } from "./steps.ts";
import { Stop, stopOf } from "./stop.ts";
import type { RunWriter } from "./writer.ts";

export interface StepSurroundings {
  readonly ctx: Context;
  readonly signal: AbortSignal;
  readonly attempt: number;
  readonly input: Json;
  readonly outputs: Outputs;
  readonly writer: RunWriter;
  readonly tools: () => Promise<ToolHost>;
}

/** What a running step may do; every call throws the stop once the run was stopped. */
export function stepIO(around: StepSurroundings): AgentStepIO {
  const { ctx, signal, writer } = around;
  const check = () => {
    const stop = stopOf(signal);
    if (stop) throw stop;
  };
  // A step that runs again streams its messages anew: the dead attempt's deltas stay in the log.
  const own = (messageId: string) => (around.attempt > 1 ? `${messageId}~${around.attempt}` : messageId);
  return {
    signal,
    input: around.input,
    outputs: { ...around.outputs },
    now: () => ctx.clock.now(),
    tool: async (server, tool, args) => {
      check();
      return callTool(around, `${server}/${tool}`, args, async () => {
        const host = await around.tools();
        return ctx.telemetry.measure({ kind: "tool_call", server, tool }, () =>
          host.call(server, tool, args, signal),
        );
      });
    },
    message: async (role, text) => {
      check();
      await writer.write(message(ctx.newId(), role, text));
    },
    textDelta: async (messageId, text) => {
      check();
      await writer.writeText(own(messageId), cleanText(text));
    },
    finishMessage: async (messageId, role, text) => {
      check();
      await writer.write(message(own(messageId), role, text));
    },
    usage: async (model, tokens) => {
      check();
      await writer.write({ kind: "usage", model, tokens });
      check();
    },
  };
}

function message(messageId: string, role: string, text: string) {
  return { kind: "message", messageId, role, text: cleanText(text), parentCallId: null } as const;
}

async function callTool(
  { ctx, signal, writer }: StepSurroundings,
  tool: string,
  args: Json,
  call: () => Promise<Json>,
): Promise<Json> {
  const callId = ctx.newId();
  await writer.write({
    kind: "toolCallStarted",
    callId,
    parentCallId: null,
    tool,
    arguments: toJson(args),
  });
  // The commit may have shown that this call is one too many: it ends as interrupted, and is not made.
  const stop = stopOf(signal);
  if (stop) throw stop;
  const startedAt = performance.now();
  const finish = (ok: boolean, result: Json) =>
    writer.write({
      kind: "toolCallFinished",
      callId,
      ok,
      result,
      durationMs: Math.round(performance.now() - startedAt),
    });
  let result: Json;
  try {
    result = toJson(await call());
  } catch (error) {
    if (error instanceof Stop || signal.aborted) throw stopOf(signal) ?? error;
    await finish(false, { error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  await finish(true, result);
  return result;
}
