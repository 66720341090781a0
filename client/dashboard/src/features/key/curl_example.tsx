import { CopyBlock } from "../../ui/copy.tsx";

const START =
  "mutation($input: StartAgentExecutionInput!) { startAgentExecution(input: $input) { ... on StartAgentExecutionPayload { execution { id } } ... on Error { message } } }";
const APPEND =
  "mutation($input: AppendAgentExecutionEventsInput!) { appendAgentExecutionEvents(input: $input) { ... on AppendAgentExecutionEventsPayload { status } ... on Error { message } } }";
const FINISH =
  "mutation($input: FinishAgentExecutionInput!) { finishAgentExecution(input: $input) { ... on FinishAgentExecutionPayload { execution { status } } ... on Error { message } } }";

/** A whole run of an external agent, from a shell: start, two events, end. */
function script(origin: string, projectId: string, secret: string): string {
  const start = JSON.stringify({
    query: START,
    variables: { input: { projectId, agentType: "my-agent", taskDescription: "Say hello", external: true } },
  });
  const events = [
    { toolCallStarted: { callId: "c1", tool: "shell", arguments: { command: "date" } } },
    { toolCallFinished: { callId: "c1", ok: true, result: "done", durationMs: 12 } },
    { message: { messageId: "m1", role: "assistant", text: "Hello from **my-agent**." } },
  ];
  const append = JSON.stringify({ query: APPEND, variables: { input: { id: "$RUN", batch: 1, events } } });
  const finish = JSON.stringify({
    query: FINISH,
    variables: { input: { id: "$RUN", status: "COMPLETED", outputData: { markdown: "# Done" } } },
  });
  return [
    `export SHIPLOG_KEY='${secret}'`,
    `ask() { curl -sS ${origin}/graphql -H "authorization: Bearer $SHIPLOG_KEY" -H 'content-type: application/json' -d "$1"; }`,
    `RUN=$(ask '${start}' | grep -o 'aex_[0-9a-z]*' | head -1)`,
    `ask "$(sed "s/\\$RUN/$RUN/" <<'JSON'\n${append}\nJSON\n)"`,
    `ask "$(sed "s/\\$RUN/$RUN/" <<'JSON'\n${finish}\nJSON\n)"`,
    `echo "${origin}/runs/$RUN"`,
  ].join("\n");
}

export function CurlExample(props: { projectId: string; secret?: string }) {
  return (
    <div class="flex flex-col gap-1.5">
      <p class="text-muted">
        Paste this into a shell: it starts a run, streams a tool call and a message, and ends it. Open Runs
        beside it to watch.
      </p>
      <CopyBlock
        value={script(location.origin, props.projectId, props.secret ?? "PASTE_YOUR_KEY")}
        label="Copy the script"
      />
    </div>
  );
}
