import { backoff } from "./backoff.ts";
import type { Failure, Transport } from "./socket.ts";

export interface Batch<E> {
  readonly events: readonly E[];
  readonly cursor: string;
  readonly caughtUp: boolean;
  readonly reset: boolean;
}

export type StreamState =
  | { readonly phase: "connecting" | "live" | "ended" | "denied" }
  | { readonly phase: "catching-up"; readonly received: number }
  | { readonly phase: "reconnecting" | "offline"; readonly attempt: number; readonly retryAt: number };

export interface StreamOptions<E> {
  readonly query: string;
  readonly variables: object;
  /** Finds the batch in an answer. */
  readonly read: (data: never) => Batch<E>;
  /** The first retained event, or the live edge: then read the page's state in `onStart`. */
  readonly from: "beginning" | "edge";
  /** The first batch of the first connection arrived: from here on no event is missed. */
  readonly onStart?: () => void;
  readonly onEvents: (events: readonly E[], caughtUp: boolean) => void;
  /** The cursor could not be honoured: forget what was built from events and read the state again. */
  readonly onReset: () => void;
  readonly onState: (state: StreamState) => void;
}

export interface StreamPorts {
  readonly transport: Transport;
  readonly now: () => number;
  readonly random: () => number;
  /** Runs later; the answer cancels. */
  readonly later: (ms: number, run: () => void) => () => void;
}

const OFFLINE_AFTER = 4;

/**
 * One stream of events, over any number of connections: it resubscribes from the cursor of the last batch it
 * applied, so that nothing is missed and nothing comes twice. Non-reactive: the caller closes it.
 */
export function makeStream<E>(
  options: StreamOptions<E>,
  ports: StreamPorts,
): { close(): void; retry(): void } {
  let cursor: string | null = null;
  let attempt = 0;
  let received = 0;
  let closed = false;
  let stop: () => void = () => undefined;
  let cancelRetry: () => void = () => undefined;

  const apply = (batch: Batch<E>) => {
    attempt = 0;
    const first = cursor === null;
    if (batch.reset) options.onReset();
    // What is built from the log alone is built again from its first retained event.
    if (batch.reset && options.from === "beginning") {
      cursor = null;
      received = 0;
      stop();
      return open();
    }
    cursor = batch.cursor;
    if (first) options.onStart?.();
    if (batch.events.length > 0) options.onEvents(batch.events, batch.caughtUp);
    received = batch.caughtUp ? 0 : received + batch.events.length;
    options.onState(batch.caughtUp ? { phase: "live" } : { phase: "catching-up", received });
  };

  const fail = (why: Failure) => {
    stop();
    if (why === "forbidden") {
      closed = true;
      options.onState({ phase: "denied" });
      return;
    }
    attempt += 1;
    const wait = backoff(attempt, ports.random);
    const phase = attempt >= OFFLINE_AFTER ? "offline" : "reconnecting";
    options.onState({ phase, attempt, retryAt: ports.now() + wait });
    cancelRetry = ports.later(wait, open);
  };

  function open() {
    cancelRetry();
    const position = cursor !== null ? { after: cursor } : options.from === "edge" ? { tail: 0 } : {};
    let live = true;
    const once = (run: () => void) => {
      if (!live || closed) return;
      live = false;
      run();
    };
    const end = ports.transport(
      options.query,
      { ...options.variables, ...position },
      {
        next: (data) => {
          if (live && !closed) apply(options.read(data as never));
        },
        failed: (why) => once(() => fail(why)),
        complete: () =>
          once(() => {
            closed = true;
            options.onState({ phase: "ended" });
          }),
      },
    );
    stop = () => {
      live = false;
      end();
    };
  }

  options.onState({ phase: "connecting" });
  open();
  return {
    close: () => {
      closed = true;
      cancelRetry();
      stop();
    },
    retry: () => {
      if (closed) return;
      stop();
      attempt = 0;
      open();
    },
  };
}
