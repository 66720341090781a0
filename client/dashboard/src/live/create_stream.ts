import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { Doc } from "../api/client.ts";
import { setStreamState } from "./connection.ts";
import { makeFrame } from "./frame.ts";
import { socketTransport } from "./socket.ts";
import { type Batch, makeStream, type StreamPorts, type StreamState } from "./stream.ts";

const browser: StreamPorts = {
  transport: socketTransport,
  now: Date.now,
  random: Math.random,
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

interface Options<R, V, E> {
  readonly document: Doc<R, V>;
  /** `null` = no stream now. A change closes the stream and opens another. */
  readonly variables: Accessor<Omit<V, "after" | "tail"> | null>;
  readonly read: (data: R) => Batch<E>;
  readonly from: "beginning" | "edge";
  readonly onStart?: () => void;
  /** Called at most once per animation frame, with all that came since. */
  readonly onEvents: (events: readonly E[], caughtUp: boolean) => void;
  readonly onReset: () => void;
}

/** A stream that lives as long as its owner, with its events gathered per animation frame. */
export function createStream<R, V extends object, E>(options: Options<R, V, E>): Accessor<StreamState> {
  const [state, setState] = createSignal<StreamState>({ phase: "connecting" });

  const open = (variables: object) => {
    const key = Symbol("stream");
    let pending: E[] = [];
    let caughtUp = false;
    const frame = makeFrame(() => {
      const events = pending;
      pending = [];
      if (events.length > 0) batch(() => options.onEvents(events, caughtUp));
    });
    let retry = () => {};
    const stream = makeStream<E>(
      {
        query: String(options.document),
        variables,
        read: options.read as (data: never) => Batch<E>,
        from: options.from,
        onStart: options.onStart,
        onReset: () => {
          pending = [];
          options.onReset();
        },
        onEvents: (events, live) => {
          for (const event of events) pending.push(event);
          caughtUp = live;
          frame.ask();
        },
        onState: (next) => {
          if (next.phase === "ended") frame.now();
          setState(next);
          setStreamState(key, next, () => retry());
        },
      },
      browser,
    );
    retry = stream.retry;
    return () => {
      stream.close();
      frame.dispose();
      setStreamState(key, null, retry);
    };
  };

  createEffect(
    on(
      () => JSON.stringify(options.variables()),
      () => {
        const variables = options.variables();
        if (variables) onCleanup(open(variables));
      },
    ),
  );
  return state;
}
