import { createEffect, createMemo, createSignal, onCleanup, untrack } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createStream } from "../../live/create_stream.ts";
import type { Batch } from "../../live/stream.ts";
import { usdOf } from "../../ui/format.ts";
import { isLive } from "../../ui/status.tsx";
import { cutText } from "./cut.ts";
import { RunDocument, RunEventsDocument } from "./data.ts";
import { applyEvents, emptyLog } from "./log.ts";
import type { RunEvent } from "./run_event.ts";
import { createRush } from "./rush.ts";

const REFRESH_MS = 2_000;
/** The same while only text comes, which is no reason to think that a step was committed. */
const REFRESH_TEXT_MS = 10_000;
/** Milliseconds between two drawings of a log that is still being read: drawing takes longer than reading. */
const DRAW_MS = 150;

const hasEnded = (status: string | null) => status !== null && !isLive(status);

/** The log that events are folded into, and who is told of it when. */
function createLog() {
  let folded = emptyLog();
  const [version, setVersion] = createSignal(0);
  const [factsVersion, setFactsVersion] = createSignal(0);
  let otherThanText = false;
  const draw = () => {
    setVersion((old) => old + 1);
    if (otherThanText) setFactsVersion((old) => old + 1);
    otherThanText = false;
  };
  return {
    /** The log as it is now; it is one object that grows, so what reads it here runs again after each drawing. */
    log: () => {
      version();
      return folded;
    },
    /** The same for all but its rows: what reads it here does not run again when only text came. */
    facts: () => {
      factsVersion();
      return folded;
    },
    /** Whether there was more than text among the events. */
    apply: (events: readonly RunEvent[]): boolean => {
      const more = events.some(({ __typename }) => __typename !== "AgentTextDelta");
      otherThanText ||= more;
      applyEvents(folded, events);
      return more;
    },
    reset: () => {
      folded = emptyLog();
      otherThanText = true;
      draw();
    },
    draw,
  };
}

/** A run as its page knows it: the object, read by query, and its log, built from the stream. */
export function createRunState(id: () => string) {
  const query = createQuery(RunDocument, () => ({ id: id() }));
  const { log, facts, apply, reset, draw } = createLog();
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
    read: (data): Batch<RunEvent> => data.agentExecutionEvents,
    from: "beginning",
    atOnce: 8,
    cut: cutText,
    // A log that was pruned as a whole has no other batch.
    onStart: (empty) => empty && setCaughtUp(true),
    onReset: () => {
      reset();
      query.refetch();
    },
    onEvents: (events, live, rest) => {
      const before = untrack(facts).status;
      const more = apply(events);
      const opened = caughtUp();
      setCaughtUp(live);
      if (opened || rest === 0 || performance.now() - drawn > DRAW_MS) {
        drawn = performance.now();
        draw();
      }
      if (!opened) return;
      const { status: told } = untrack(facts);
      if (told === before) refreshIn(more ? REFRESH_MS : REFRESH_TEXT_MS);
      else if (!hasEnded(told)) query.refetch();
    },
  });

  const run = () => query.data()?.agentExecution ?? null;
  // The object may have been read before the end that the log tells of.
  const outdated = createMemo(() => hasEnded(facts().status) && isLive(run()?.status ?? ""));
  createEffect(() => outdated() && query.refetch());
  const status = createMemo(() => {
    const known = run()?.status ?? "PENDING";
    // The object may be newer than the stream (it ended, the page just opened) and the other way round.
    return isLive(known) ? (facts().status ?? known) : known;
  });
  const tokens = createMemo(
    () => {
      const usage = run()?.usage;
      const input = Math.max(facts().tokens.inputTokens, Number(usage?.inputTokens ?? 0));
      const output = Math.max(facts().tokens.outputTokens, Number(usage?.outputTokens ?? 0));
      return { input, output };
    },
    undefined,
    { equals: (a, b) => a.input === b.input && a.output === b.output },
  );
  const cost = createMemo(() => {
    if (isLive(status()) && facts().usages > facts().unpriced) return usdOf(facts().costNanos);
    return run()?.cost ?? null;
  });
  return {
    query,
    run,
    log,
    facts,
    /** More text comes than anybody reads. */
    rush: createRush(() => log().rows.length),
    stream,
    status,
    tokens,
    cost,
    unpriced: () => Math.max(facts().unpriced, run()?.unpricedUsages ?? 0),
    live: () => isLive(status()),
    ready: () => caughtUp() || log().rows.length > 0,
  };
}

export type RunState = ReturnType<typeof createRunState>;
