import { createRoot, createSignal, Show } from "solid-js";
import { ago, dateTime, duration, wholeDuration } from "./format.ts";

/** The time of day, once a second: one timer for the whole page. */
const [now, setNow] = createRoot(() => createSignal(Date.now()));
if (typeof window !== "undefined") setInterval(() => !document.hidden && setNow(Date.now()), 1000);

export { now };

/** How long ago, with the exact time on hover. */
export function RelTime(props: { at: string | null | undefined; class?: string }) {
  return (
    <Show when={props.at}>
      {(at) => (
        <time
          class={`whitespace-nowrap ${props.class ?? ""}`}
          datetime={at()}
          title={dateTime(new Date(at()))}
        >
          {ago(new Date(at()), now())}
        </time>
      )}
    </Show>
  );
}

interface Span {
  readonly from: string | null | undefined;
  readonly to: string | null | undefined;
  readonly class?: string;
}

/** The length of something; ticks while it has no end. */
export function Elapsed(props: Span) {
  const text = () => {
    if (!props.from) return "";
    const start = Date.parse(props.from);
    return props.to ? duration(Date.parse(props.to) - start) : wholeDuration(now() - start);
  };
  return (
    <span
      class={`whitespace-nowrap tabular-nums ${props.class ?? ""}`}
      title={props.from ? `since ${dateTime(new Date(props.from))}` : undefined}
    >
      {text()}
    </span>
  );
}
