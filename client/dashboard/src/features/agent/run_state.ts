import { createMemo, createSignal, onCleanup } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import { createQuery } from "../../api/query.ts";
import { createStream } from "../../live/create_stream.ts";
import { usdOf } from "../../ui/format.ts";
import { isLive } from "../../ui/status.tsx";
import { RunDocument, RunEventsDocument } from "./data.ts";
import { applyEvents, emptyLog } from "./log.ts";

const REFRESH_MS = 2000;

/** A run as its page knows it: the object, read by query, and its log, built from the stream. */
export function createRunState(id: () => string) {
  const query = createQuery(RunDocument, () => ({ id: id() }));
  const [log, setLog] = createStore(emptyLog());
  const [caughtUp, setCaughtUp] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  // Committed steps have no event of their own: the object is read again after events, at most every 2 s.
  const refreshSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      query.refetch();
    }, REFRESH_MS);
  };
  onCleanup(() => clearTimeout(timer));

  const stream = createStream({
    document: RunEventsDocument,
    variables: () => ({ id: id() }),
    read: (data) => data.agentExecutionEvents,
    from: "beginning",
    onReset: () => {
      setLog(reconcile(emptyLog()));
      query.refetch();
    },
    onEvents: (events, live) => {
      const before = log.status;
      setLog(produce((draft) => applyEvents(draft, events)));
      const opened = caughtUp();
      setCaughtUp(live);
      if (!opened) return;
      if (log.status !== before) query.refetch();
      else refreshSoon();
    },
  });

  const run = () => query.data()?.agentExecution ?? null;
  const status = createMemo(() => {
    const known = run()?.status ?? "PENDING";
    // The object may be newer than the stream (it ended, the page just opened) and the other way round.
    return isLive(known) ? (log.status ?? known) : known;
  });
  const tokens = () => {
    const usage = run()?.usage;
    const input = Math.max(log.tokens.inputTokens, Number(usage?.inputTokens ?? 0));
    const output = Math.max(log.tokens.outputTokens, Number(usage?.outputTokens ?? 0));
    return { input, output };
  };
  const cost = () => {
    if (isLive(status()) && log.usages > log.unpriced) return usdOf(log.costNanos);
    return run()?.cost ?? null;
  };
  return {
    query,
    run,
    log,
    stream,
    status,
    tokens,
    cost,
    unpriced: () => Math.max(log.unpriced, run()?.unpricedUsages ?? 0),
    live: () => isLive(status()),
    ready: () => caughtUp() || log.rows.length > 0,
  };
}

export type RunState = ReturnType<typeof createRunState>;
