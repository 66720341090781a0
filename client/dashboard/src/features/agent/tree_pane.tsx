import { createMemo, Show } from "solid-js";
import { duration, wholeDuration } from "../../ui/format.ts";
import { StatusIcon } from "../../ui/status.tsx";
import { now } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual_list.tsx";
import type { RunState } from "./run_state.ts";
import { type TreeRow, treeOf } from "./tree.ts";

const BAR: Record<TreeRow["status"], string> = {
  RUNNING: "bg-run",
  COMPLETED: "bg-bar",
  FAILED: "bg-fail",
  CANCELLED: "bg-idle",
};
const INDENT = ["pl-3", "pl-7", "pl-11", "pl-15", "pl-19"];

/** Steps and tool calls as a tree, each with its place in the time of the run. */
export function TreePane(props: {
  state: RunState;
  selected: string | null;
  onSelect: (id: string) => void;
}) {
  // Text grows far more often than calls start and end.
  const changes = createMemo(
    () => [props.state.facts(), props.state.facts().callChanges] as const,
    undefined,
    {
      equals: (a, b) => a[0] === b[0] && a[1] === b[1],
    },
  );
  const rows = createMemo(() => treeOf(changes()[0], props.state.run()?.steps ?? [], props.state.live()));
  const span = createMemo(() => {
    const run = props.state.run();
    const start = Math.min(
      Date.parse(run?.startedAt ?? run?.createdAt ?? ""),
      rows()[0]?.start ?? Number.POSITIVE_INFINITY,
    );
    const end = run?.completedAt
      ? Date.parse(run.completedAt)
      : props.state.live()
        ? now()
        : (rows().at(-1)?.end ?? now());
    return { start, length: Math.max(1, end - start) };
  });
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <div class="flex h-9 shrink-0 items-center justify-between border-b border-line px-3">
        <h2 class="font-medium">Steps</h2>
        <Show when={Number.isFinite(span().start)}>
          <span class="text-xs text-muted">
            {(props.state.live() ? wholeDuration : duration)(span().length)} in all
          </span>
        </Show>
      </div>
      <Show
        when={rows().length > 0}
        fallback={
          <p class="p-3 text-muted">
            {props.state.live()
              ? "Steps and tool calls appear here as they start."
              : "This run called no tools."}
          </p>
        }
      >
        <VirtualList rows={rows()} label="Steps and tool calls" estimate={32} fixed class="flex-1">
          {(row) => (
            <Node
              row={row}
              span={span()}
              selected={props.selected === row.id}
              onSelect={() => props.onSelect(row.id)}
            />
          )}
        </VirtualList>
      </Show>
    </div>
  );
}

function Node(props: {
  row: TreeRow;
  span: { start: number; length: number };
  selected: boolean;
  onSelect: () => void;
}) {
  const end = () => props.row.end ?? (props.row.status === "RUNNING" ? now() : props.row.start);
  const left = () =>
    Math.min(98, Math.max(0, ((props.row.start - props.span.start) / props.span.length) * 100));
  const width = () =>
    Math.max(2, Math.min(100 - left(), ((end() - props.row.start) / props.span.length) * 100));
  const length = () => end() - props.row.start;
  return (
    <button
      type="button"
      class={`flex h-8 w-full items-center gap-2 pr-3 text-left ${INDENT[Math.min(props.row.depth, 4)]} ${props.selected ? "bg-selected" : "hover:bg-hover"}`}
      aria-current={props.selected ? "true" : undefined}
      onClick={() => props.onSelect()}
    >
      <StatusIcon status={props.row.status} size={14} label />
      <Label row={props.row} />
      <span class="w-13 shrink-0 text-right text-xs text-muted">
        {props.row.end === null
          ? props.row.status === "RUNNING"
            ? wholeDuration(length())
            : "–"
          : duration(props.row.took ?? length())}
      </span>
      <span class="relative h-1.5 w-10 shrink-0 rounded-full bg-raised" aria-hidden="true">
        <span
          class={`absolute h-full rounded-full ${BAR[props.row.status]}`}
          style={{ left: `${left()}%`, width: `${width()}%` }}
        />
      </span>
    </button>
  );
}

/** The server gives way to the tool's name when there is little room. */
function Label(props: { row: TreeRow }) {
  const cut = () => (props.row.kind === "call" ? props.row.label.lastIndexOf("/") + 1 : 0);
  return (
    <span
      class={`flex min-w-0 flex-1 ${props.row.kind === "call" ? "font-mono text-xs" : "font-medium"}`}
      title={props.row.label}
    >
      <span class="min-w-0 truncate text-muted">{props.row.label.slice(0, cut())}</span>
      <span class="max-w-full shrink-0 truncate">{props.row.label.slice(cut())}</span>
    </span>
  );
}
