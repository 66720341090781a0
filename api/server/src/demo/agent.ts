import type { DemoClient } from "./client.ts";
import { FIX_SHA, type Pace } from "./story.ts";

const START = `mutation DemoStart($input: StartAgentExecutionInput!) {
  startAgentExecution(input: $input) { ... on StartAgentExecutionPayload { execution { id } } ... on Error { message } }
}`;
const APPEND = `mutation DemoAppend($input: AppendAgentExecutionEventsInput!) {
  appendAgentExecutionEvents(input: $input) { ... on AppendAgentExecutionEventsPayload { status } ... on Error { message } }
}`;
const FINISH = `mutation DemoFinish($input: FinishAgentExecutionInput!) {
  finishAgentExecution(input: $input) { ... on FinishAgentExecutionPayload { execution { id } } ... on Error { message } }
}`;
const RECORD = `mutation DemoRecord($input: RecordAIActivityInput!) {
  recordAIActivity(input: $input) { ... on RecordAIActivityPayload { activity { id } } ... on Error { message } }
}`;

const MODEL = "claude-sonnet-4-5";

interface ToolCall {
  readonly tool: string;
  readonly arguments: object;
  readonly result: object;
  readonly takesMs: number;
  readonly parent?: string;
}

const THOUGHT = `The failing assertion compares two tide heights that differ in the seventh decimal. \
The station feed changed to double precision last week, while the fixture still holds values rounded to centimetres. \
I will look at how heights are compared before I touch the test.`;

const CALLS: readonly ToolCall[] = [
  {
    tool: "search_code",
    arguments: { pattern: "tideHeight\\(", path: "src" },
    result: { matches: ["src/tides/height.ts:31", "src/tides/height.test.ts:12"] },
    takesMs: 900,
  },
  {
    tool: "read_file",
    arguments: { path: "src/tides/height.ts", lines: [20, 48] },
    result: { text: "export function sameHeight(a: number, b: number): boolean {\n  return a === b;\n}\n" },
    takesMs: 500,
  },
  {
    tool: "edit_file",
    arguments: { path: "src/tides/height.ts", replace: "return Math.abs(a - b) < 0.005;" },
    result: { applied: true, added: 3, removed: 1 },
    takesMs: 700,
  },
  {
    tool: "run_tests",
    arguments: { filter: "tides" },
    result: { passed: 42, failed: 0, durationMs: 2140 },
    takesMs: 2600,
  },
];

const SUMMARY = `## Tide heights compare again

\`sameHeight\` compared floating point numbers for equality. It now allows **5 mm**, which is below the station's own resolution.

| check | result |
| --- | --- |
| \`vitest tides\` | 42 passed |
| changed files | 2 |

The fixture stays as it was: it was right.`;

async function stream(
  client: DemoClient,
  pace: Pace,
  id: string,
  messageId: string,
  text: string,
): Promise<void> {
  for (const word of text.match(/\S+\s*/g) ?? []) {
    await client.graphql(APPEND, { input: { id, events: [{ textDelta: { messageId, text: word } }] } });
    await pace.pause(60);
  }
  await client.graphql(APPEND, {
    input: { id, events: [{ message: { messageId, role: "assistant", text } }] },
  });
}

async function call(client: DemoClient, pace: Pace, id: string, index: number): Promise<void> {
  const { tool, arguments: args, result, takesMs } = CALLS[index] as ToolCall;
  const callId = `call-${index + 1}`;
  const append = (event: object) => client.graphql(APPEND, { input: { id, events: [event] } });
  await append({ toolCallStarted: { callId, tool, arguments: args } });
  await pace.pause(takesMs);
  await append({ toolCallFinished: { callId, ok: true, result, durationMs: takesMs } });
}

/** An agent outside the program: streams text and tool calls, reports its usage, and ends. */
export async function playAgent(client: DemoClient, pace: Pace): Promise<void> {
  const started = await client.graphql<{ startAgentExecution: { execution: { id: string } } }>(START, {
    input: {
      projectId: client.projectId,
      agentType: "fix-failing-test",
      taskDescription: "Find out why the tide tests fail on fix/tide-rounding and mend it",
      inputData: { branch: "fix/tide-rounding", commit: FIX_SHA },
      external: true,
    },
  });
  const { id } = started.startAgentExecution.execution;
  await stream(client, pace, id, "thought", THOUGHT);
  for (let index = 0; index < CALLS.length; index++) {
    await call(client, pace, id, index);
    const usage = {
      model: MODEL,
      inputTokens: String(9200 + index * 1400),
      cacheReadTokens: String(7600 + index * 1300),
      outputTokens: "380",
    };
    await client.graphql(APPEND, { input: { id, events: [{ usage }] } });
    await pace.pause(500);
  }
  await stream(client, pace, id, "summary", SUMMARY);
  await client.graphql(FINISH, {
    input: { id, status: "COMPLETED", outputData: { markdown: SUMMARY, filesChanged: 2, testsPassed: 42 } },
  });
  await recordActivity(client, pace);
}

/** A prompt of another person's, apart from the run: its tokens must not count twice. */
async function recordActivity(client: DemoClient, pace: Pace): Promise<void> {
  await client.graphql(RECORD, {
    input: {
      projectId: client.projectId,
      tool: "codex",
      category: "DOCS",
      prompt: "Explain in docs/tides.md how tide heights are compared, and why not for equality.",
      response: "I described the 5 mm tolerance, where it comes from, and what callers may rely on.",
      decision: "accepted",
      model: "gpt-5",
      codeChanges: [
        {
          path: "docs/tides.md",
          diff: "@@ -12,2 +12,6 @@\n ## Comparing heights\n+\n+Heights are measured to 1 cm. Two heights are the same when they differ by less than 5 mm,\n+half the station's resolution; floating point numbers are never compared for equality.\n",
          added: 4,
          removed: 0,
        },
      ],
      usage: { inputTokens: "18400", cacheReadTokens: "11000", outputTokens: "900", reasoningTokens: "320" },
      sessionId: "demo-session",
      commitSha: FIX_SHA,
      occurredAt: pace.now().toISOString(),
    },
  });
}
