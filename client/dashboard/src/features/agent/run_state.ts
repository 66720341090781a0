import { createMemo, createSignal, onCleanup } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createStream } from "../../live/create_stream.ts";
import { usdOf } from "../../ui/format.ts";
import { isLive } from "../../ui/status.tsx";
import { RunDocument, RunEventsDocument } from "./data.ts";
import { applyEvents, emptyLog } from "./log.ts";

const REFRESH_MS = 2_000;
/** The same while only text comes, which is no reason to think that a step was committed. */
const REFRESH_TEXT_MS = 10_000;
/** Milliseconds between two drawings of a log that is still being read: drawing takes longer than reading. */
const DRAW_MS = 150;

/** A run as its page knows it: the object, read by query, and its log, built from the stream. */
export function createRunState(id: () => string) {
  const query = createQuery(RunDocument, () => ({ id: id() }));
  let folded = emptyLog();
  const [version, setVersion] = createSignal(0);
  /** The log as it is now; it is one object that grows, so what reads it here runs again after each flush. */
  const log = () => {
    version();
    return folded;
  };
  const [caughtUp, setCaughtUp] = createSignal(false);
  let drawn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  // Committed steps have no event of their own: the object is read again after events, at most every 2 s.
  let due = Number.POSITIVE_INFINITY;
  const refreshIn = (ms: number) => {
    const at = performance.now() + ms;
    if (at >= due) return;
    due = at;
    clearTimeout(timer);
    timer = setTimeout(() => {
      due = Number.POSITIVE_INFINITY;
      query.refetch();
    }, ms);
  };
  onCleanup(() => clearTimeout(timer));

  const stream = createStream({
    document: RunEventsDocument,
    variables: () => ({ id: id() }),
    read: (data) => data.agentExecutionEvents,
    from: "beginning",
    atOnce: 8,
    onReset: () => {
      folded = emptyLog();
      setVersion((old) => old + 1);
      query.refetch();
    },
    onEvents: (events, live, rest) => {
      const before = folded.status;
      applyEvents(folded, events);
      const opened = caughtUp();
      setCaughtUp(live);
      if (opened || rest === 0 || performance.now() - drawn > DRAW_MS) {
        drawn = performance.now();
        setVersion((old) => old + 1);
      }
      if (!opened) return;
      if (folded.status !== before) query.refetch();
      else
        refreshIn(
          events.every((event) => event.__typename === "AgentTextDelta") ? REFRESH_TEXT_MS : REFRESH_MS,
        );
    },
  });

  const run = () => query.data()?.agentExecution ?? null;
  const status = createMemo(() => {
    const known = run()?.status ?? "PENDING";
    // The object may be newer than the stream (it ended, the page just opened) and the other way round.
    return isLive(known) ? (log().status ?? known) : known;
  });
  const tokens = createMemo(
    () => {
      const usage = run()?.usage;
      const input = Math.max(log().tokens.inputTokens, Number(usage?.inputTokens ?? 0));
      const output = Math.max(log().tokens.outputTokens, Number(usage?.outputTokens ?? 0));
      return { input, output };
    },
    undefined,
    { equals: (a, b) => a.input === b.input && a.output === b.output },
  );
  const cost = createMemo(() => {
    if (isLive(status()) && log().usages > log().unpriced) return usdOf(log().costNanos);
    return run()?.cost ?? null;
  });
  return {
    query,
    run,
    log,
    stream,
    status,
    tokens,
    cost,
    unpriced: () => Math.max(log().unpriced, run()?.unpricedUsages ?? 0),
    live: () => isLive(status()),
    ready: () => caughtUp() || log().rows.length > 0,
  };
}

export type RunState = ReturnType<typeof createRunState>;
