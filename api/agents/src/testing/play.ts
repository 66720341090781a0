import type { AgentDefinition, AgentRuntime, Json, ToolScope } from "@shiplog/core";

export type Played =
  | { type: "tool"; name: string; ok: boolean }
  | { type: "message"; text: string }
  | { type: "delta"; messageId: string; text: string }
  | { type: "finished"; messageId: string; text: string };

export interface Performance {
  readonly events: readonly Played[];
  readonly outputs: Readonly<Record<string, Json>>;
  readonly result: Json;
}

export interface PlayOptions {
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

/**
 * Runs an agent's steps as the executor does, over the real tool servers, and keeps what it said. Every
 * output passes through JSON between steps, as it does through the database.
 */
export async function play(
  runtime: AgentRuntime,
  agent: AgentDefinition,
  scope: ToolScope,
  { now = new Date(), signal = new AbortController().signal }: PlayOptions = {},
): Promise<Performance> {
  const events: Played[] = [];
  const outputs: Record<string, Json> = {};
  const tools = await runtime.openTools(scope, signal);
  try {
    for (const step of agent.steps) {
      const output = await step.run({
        signal,
        input: {},
        outputs,
        now: () => now,
        async tool(server, tool, args) {
          const event: Played = { type: "tool", name: `${server}/${tool}`, ok: false };
          events.push(event);
          const answer = await tools.call(server, tool, args, signal);
          event.ok = true;
          return answer;
        },
        async message(_role, text) {
          events.push({ type: "message", text });
        },
        async textDelta(messageId, text) {
          events.push({ type: "delta", messageId, text });
        },
        async finishMessage(messageId, _role, text) {
          events.push({ type: "finished", messageId, text });
        },
        async usage() {},
      });
      outputs[step.name] = JSON.parse(JSON.stringify(output)) as Json;
    }
    return { events, outputs, result: agent.result(outputs) };
  } finally {
    await tools.close();
  }
}
