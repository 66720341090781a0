import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { Doc } from "../api/client.ts";
import { retryAll, setStreamState } from "./connection.ts";
import { makeFrame } from "./frame.ts";
import { Inbox } from "./inbox.ts";
import { later } from "./later.ts";
import { checkSocket, socketTransport } from "./socket.ts";
import { type Batch, makeStream, type StreamPorts, type StreamState } from "./stream.ts";
import { tab } from "./tab.ts";

const browser: StreamPorts = {
  transport: socketTransport,
  now: Date.now,
  random: Math.random,
  later,
};

/** Events that a hidden tab keeps before it sleeps; the rest stays on the server. */
const KEPT_HIDDEN = 2_000;
/** Milliseconds of a frame for applying events; drawing what they changed needs the rest. */
const SLICE = 4;
/** The same while catching up, when most frames have nothing to draw. */
const SLICE_BEHIND = 12;
/** More than this is to be caught up with, not to be watched. */
const WATCHED = 400;

interface Options<R, V, E> {
  readonly document: Doc<R, V>;
  /** `null` = no stream now. A change closes the stream and opens another. */
  readonly variables: Accessor<Omit<V, "after" | "tail"> | null>;
  readonly read: (data: R) => Batch<E>;
  readonly from: "beginning" | "edge";
  /** From here on no event is missed; `empty`: none came with it. */
  readonly onStart?: (empty: boolean) => void;
  /** Called in an animation frame, with all that came since the last one; `rest` of them wait for the next. */
  readonly onEvents: (events: readonly E[], caughtUp: boolean, rest: number) => void;
  /** At most so many events a call: what does not fit into a frame is applied in the next ones. */
  readonly atOnce?: number;
  /** Present: what comes at once is spread over frames, for which it cuts an event that is much to draw. */
  readonly cut?: (event: E) => readonly E[];
  readonly onReset: () => void;
}

// Back from another tab, from a sleep or from a lost network: waiting is over, and silence may be a dead socket.
tab.watch((state) => {
  if (state !== "visible") return;
  checkSocket();
  retryAll();
});

/**
 * A stream that lives as long as its owner. Its events are applied in animation frames: not at all while the tab
 * is hidden, which sleeps after a while and catches up from its cursor when it is looked at again.
 */
export function createStream<R, V extends object, E>(options: Options<R, V, E>): Accessor<StreamState> {
  const [state, setState] = createSignal<StreamState>({ phase: "connecting" });

  const open = (variables: object) => {
    const key = Symbol("stream");
    const inbox = new Inbox<E>();
    const apply = () => {
      const until = performance.now() + (inbox.caughtUp ? SLICE : SLICE_BEHIND);
      const { reset, started } = inbox;
      inbox.reset = false;
      inbox.started = false;
      if (reset) options.onReset();
      if (started) options.onStart?.(inbox.size === 0);
      const watched = options.cut !== undefined && inbox.caughtUp && inbox.size <= WATCHED;
      let room = watched ? inbox.pace : inbox.size;
      while (room > 0 && inbox.size > 0 && performance.now() < until) {
        const events = inbox.take(Math.min(room, options.atOnce ?? room));
        room -= events.length;
        options.onEvents(events, inbox.caughtUp && (watched || inbox.size === 0), inbox.size);
      }
    };
    const frame = makeFrame(() => {
      batch(apply);
      if (inbox.size > 0) frame.ask();
    });
    const stream = makeStream<E>(
      {
        query: String(options.document),
        variables,
        read: options.read as (data: never) => Batch<E>,
        from: options.from,
        onStart: () => {
          inbox.started = true;
          frame.ask();
        },
        onReset: () => {
          inbox.clear();
          inbox.reset = true;
          frame.ask();
        },
        onEvents: (events, live) => {
          // Only what is drawn is spread over frames.
          const drawn = live && tab.state() === "visible";
          inbox.add(events, (drawn && options.cut) || ((event) => [event]));
          inbox.caughtUp = live;
          frame.ask();
          if (tab.state() !== "visible" && inbox.size > KEPT_HIDDEN) stream.sleep();
        },
        onState: (next) => {
          setState(next);
          setStreamState(key, next, () => stream.retry());
        },
      },
      browser,
    );
    if (tab.state() === "asleep") stream.sleep();
    const forget = tab.watch((now) => {
      if (now === "asleep") stream.sleep();
      else if (now === "visible") stream.wake();
    });
    return () => {
      forget();
      stream.close();
      frame.dispose();
      setStreamState(key, null, () => undefined);
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
