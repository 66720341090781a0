import { For, Show } from "solid-js";
import { Lines } from "./row.tsx";

interface Change {
  readonly path: string;
  readonly diff: string | null;
  readonly added: number;
  readonly removed: number;
}
const MAX_LINES = 400;

function tone(line: string): string {
  if (line.startsWith("+") && !line.startsWith("+++")) return "bg-ok-soft";
  if (line.startsWith("-") && !line.startsWith("---")) return "bg-fail-soft";
  return line.startsWith("@@") ? "text-muted" : "";
}

/** One changed file, with its diff when it was kept. */
export function Diff(props: { change: Change }) {
  const lines = () => props.change.diff?.split("\n") ?? [];
  return (
    <div class="border-b border-line last:border-b-0">
      <div class="flex items-center gap-3 px-4 py-2">
        <code class="min-w-0 flex-1 truncate text-xs" title={props.change.path}>
          {props.change.path}
        </code>
        <Lines added={props.change.added} removed={props.change.removed} />
      </div>
      <Show when={props.change.diff}>
        <pre class="overflow-x-auto border-t border-line py-2 text-xs leading-5" tabindex="0">
          <For each={lines().slice(0, MAX_LINES)}>
            {(line) => <div class={`px-4 ${tone(line)}`}>{line || " "}</div>}
          </For>
        </pre>
        <Show when={lines().length > MAX_LINES}>
          <p class="px-4 pb-2 text-xs text-muted">{lines().length - MAX_LINES} more lines are not shown.</p>
        </Show>
      </Show>
    </div>
  );
}
