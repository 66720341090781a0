/** What is used of an event in Chromium's trace format; times are microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly type?: string } };
}

export interface FrameFigures {
  readonly frames: number;
  readonly seconds: number;
  /** Milliseconds of work on the main thread between the beginnings of two frames. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /**
   * The same in processor time of the main thread: work, not waiting for the processor. A throttled browser may count
   * waiting in here too (four times the throttle gave about five times the time).
   */
  readonly cpuP95: number;
  readonly cpuLongestTask: number;
  readonly cpuLongTasks: number;
  /** Milliseconds of the longest task of the main thread, and how many took over 50. */
  readonly longestTask: number;
  readonly longTasks: number;
  /** The main thread's part of the time. */
  readonly busy: number;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** The renderer that draws: traces hold the main threads of spare processes, too. */
function mainThread(events: readonly TraceEvent[]): (event: TraceEvent) => boolean {
  const names = events.filter(
    (event) => event.name === "thread_name" && event.args?.name === "CrRendererMain",
  );
  const frames = (one: TraceEvent) =>
    events.filter(({ name, pid }) => name === "BeginMainThreadFrame" && pid === one.pid).length;
  const [main] = names
    .map((one) => ({ pid: one.pid, tid: one.tid, frames: frames(one) }))
    .toSorted((a, b) => b.frames - a.frames);
  if (!main?.frames) throw new Error("the trace has no frame");
  return ({ pid, tid }) => pid === main.pid && tid === main.tid;
}

/**
 * Main-thread work per frame: the tasks between the beginnings of two frames, whatever they are for. A pause
 * without frames counts as one, so work that was done while nothing was drawn is not left out.
 */
export function frameFigures(trace: Buffer): FrameFigures {
  const { traceEvents } = JSON.parse(trace.toString("utf8")) as { traceEvents: TraceEvent[] };
  const events = traceEvents.filter(mainThread(traceEvents)).toSorted((a, b) => a.ts - b.ts);
  const tasks = events.filter(({ name, ph }) => name === "RunTask" && ph === "X");
  const begins = events.filter(({ name }) => name === "BeginMainThreadFrame").map(({ ts }) => ts);
  if (tasks.length === 0 || begins.length < 2) throw new Error("the trace has no frame");
  const work: number[] = [];
  const cpu: number[] = [];
  let next = tasks.findIndex(({ ts }) => ts >= (begins[0] ?? 0));
  for (const end of begins.slice(1)) {
    let sum = 0;
    let processor = 0;
    for (let task = tasks[next]; task && task.ts < end; task = tasks[next]) {
      sum += task.dur ?? 0;
      processor += task.tdur ?? 0;
      next += 1;
    }
    work.push(sum / 1000);
    cpu.push(processor / 1000);
  }
  const lengths = tasks.map(({ dur }) => (dur ?? 0) / 1000);
  const sorted = work.toSorted((a, b) => a - b);
  const seconds = ((begins.at(-1) ?? 0) - (begins[0] ?? 0)) / 1e6;
  return {
    frames: work.length,
    seconds,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
    cpuP95: quantile(
      cpu.toSorted((a, b) => a - b),
      0.95,
    ),
    cpuLongestTask: tasks.reduce((most, { tdur }) => Math.max(most, (tdur ?? 0) / 1000), 0),
    cpuLongTasks: tasks.filter(({ tdur }) => (tdur ?? 0) > 50_000).length,
    longestTask: lengths.reduce((most, length) => Math.max(most, length), 0),
    longTasks: lengths.filter((length) => length > 50).length,
    busy: work.reduce((sum, one) => sum + one, 0) / (seconds * 1000),
  };
}
