import type { CallItem, RunLog } from "./log.ts";

export interface Step {
  readonly index: number;
  readonly name: string;
  readonly startedAt: string;
  readonly completedAt: string;
}
export interface TreeRow {
  readonly id: string;
  readonly kind: "step" | "call";
  readonly label: string;
  readonly depth: number;
  readonly status: "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED";
  readonly start: number;
  /** Null while it runs. */
  readonly end: number | null;
  /** Milliseconds as the tool itself measured them; null when only the times of its events are known. */
  readonly took: number | null;
}

function callRow(call: CallItem, depth: number, live: boolean): TreeRow {
  const end = call.ended ? Date.parse(call.ended.at) : null;
  const status = call.ended ? (call.ended.ok ? "COMPLETED" : "FAILED") : live ? "RUNNING" : "CANCELLED";
  const took = call.ended?.durationMs ?? null;
  return {
    id: call.id,
    kind: "call",
    label: call.tool,
    depth,
    status,
    start: Date.parse(call.at),
    end,
    took,
  };
}

/**
 * Steps with the calls made in their time below them, calls below the call they came from. A step is known
 * once it is committed, so the calls of the step under way stand at the end, on their own.
 */
export function treeOf(log: RunLog, steps: readonly Step[], live: boolean): TreeRow[] {
  const children = new Map<string | null, CallItem[]>();
  for (const { item: call } of log.calls) {
    if (call.kind !== "call") continue;
    const parent = call.parent !== null && log.others.has(call.parent) ? call.parent : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(call);
    else children.set(parent, [call]);
  }
  const rows: TreeRow[] = [];
  const add = (call: CallItem, depth: number) => {
    rows.push(callRow(call, depth, live));
    for (const child of children.get(call.id) ?? []) add(child, depth + 1);
  };
  const roots = children.get(null) ?? [];
  let next = 0;
  for (const step of steps) {
    const start = Date.parse(step.startedAt);
    const end = Date.parse(step.completedAt);
    for (let call = roots[next]; call && Date.parse(call.at) < start; call = roots[next]) {
      add(call, 0);
      next += 1;
    }
    rows.push({
      id: `step:${step.index}`,
      kind: "step",
      label: step.name,
      depth: 0,
      status: "COMPLETED",
      start,
      end,
      took: null,
    });
    for (let call = roots[next]; call && Date.parse(call.at) <= end; call = roots[next]) {
      add(call, 1);
      next += 1;
    }
  }
  for (const call of roots.slice(next)) add(call, 0);
  return rows;
}
