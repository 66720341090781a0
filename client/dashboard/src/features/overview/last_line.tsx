import { createSignal } from "solid-js";
import { createStream } from "../../live/create_stream.ts";
import { mainArgument } from "../agent/call_text.ts";
import { LastLineDocument } from "./data.ts";

/** The last thing that a run wrote or called, as it happens. */
export function LastLine(props: { id: string; initial: string | null }) {
  const [line, setLine] = createSignal<string | null>(null);
  let message = "";
  let text = "";
  createStream({
    document: LastLineDocument,
    variables: () => ({ id: props.id }),
    read: (data) => data.agentExecutionEvents,
    from: "edge",
    onReset: () => setLine(null),
    onEvents: (events) => {
      for (const event of events) {
        if (event.__typename === "AgentTextDelta") {
          text = event.messageId === message ? (text + event.text).slice(-400) : event.text;
          message = event.messageId;
          setLine(lastOf(text) ?? line());
        } else if (event.__typename === "AgentMessage") {
          text = "";
          setLine(lastOf(event.text) ?? line());
        } else if (event.__typename === "AgentToolCallStarted") {
          setLine(`${event.tool} ${mainArgument(event.arguments)}`);
        }
      }
    },
  });
  return <>{line() ?? props.initial ?? ""}</>;
}

function lastOf(text: string): string | null {
  return text.trim().split("\n").at(-1)?.trim() || null;
}
