import { backoff } from "./backoff.ts";
import type { Failure, Transport } from "./socket.ts";

export interface Batch<E> {
  readonly events: readonly E[];
  readonly cursor: string;
  readonly caughtUp: boolean;
  readonly reset: boolean;
}

export type StreamState =
  | { readonly phase: "connecting" | "live" | "ended" | "denied" | "asleep" }
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

/** A stream of events over any number of connections. */
export interface Stream {
  close(): void;
  /** Tries at once when it waits to. */
  retry(): void;
  /** Receives nothing until `wake`, which goes on from where it stood. */
  sleep(): void;
  wake(): void;
}

const OFFLINE_AFTER = 4;
/** The server refused the connection itself: trying soon would not change that. */
const REFUSED_WAIT = 60_000;

const nothing = (): void => undefined;

class EventStream<E> implements Stream {
  readonly #options: StreamOptions<E>;
  readonly #ports: StreamPorts;
  #cursor: string | null = null;
  #attempt = 0;
  #received = 0;
  #closed = false;
  #phase: StreamState["phase"] = "connecting";
  #stop: () => void = nothing;
  #cancelRetry: () => void = nothing;

  constructor(options: StreamOptions<E>, ports: StreamPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#tell({ phase: "connecting" });
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#stop();
  }

  retry(): void {
    if (this.#closed || !["reconnecting", "offline"].includes(this.#phase)) return;
    this.#attempt = 0;
    this.#open();
  }

  sleep(): void {
    if (this.#closed || this.#phase === "asleep") return;
    this.#cancelRetry();
    this.#stop();
    this.#tell({ phase: "asleep" });
  }

  wake(): void {
    if (this.#closed || this.#phase !== "asleep") return;
    this.#attempt = 0;
    this.#tell({ phase: "connecting" });
    this.#open();
  }

  #tell(state: StreamState): void {
    this.#phase = state.phase;
    this.#options.onState(state);
  }

  #position(): object {
    if (this.#cursor !== null) return { after: this.#cursor };
    return this.#options.from === "edge" ? { tail: 0 } : {};
  }

  #open(): void {
    this.#cancelRetry();
    // The try before may still be under way: it would become a second subscription.
    this.#stop();
    const { query, variables, read } = this.#options;
    let live = true;
    const once = (run: () => void) => {
      if (!live || this.#closed) return;
      live = false;
      run();
    };
    const end = this.#ports.transport(
      query,
      { ...variables, ...this.#position() },
      {
        next: (data) => {
          if (live && !this.#closed) this.#apply(read(data as never));
        },
        failed: (why) => once(() => this.#fail(why)),
        complete: () => once(() => this.#end("ended")),
      },
    );
    this.#stop = () => {
      live = false;
      end();
    };
  }

  #apply(batch: Batch<E>): void {
    const { from, onReset, onStart, onEvents } = this.#options;
    this.#attempt = 0;
    const first = this.#cursor === null;
    if (batch.reset) onReset();
    // What is built from the log alone is built again from its first retained event.
    if (batch.reset && from === "beginning") {
      this.#cursor = null;
      this.#received = 0;
      this.#open();
      return;
    }
    this.#cursor = batch.cursor;
    this.#received = batch.caughtUp ? 0 : this.#received + batch.events.length;
    if (!batch.caughtUp) this.#tell({ phase: "catching-up", received: this.#received });
    else if (this.#phase !== "live") this.#tell({ phase: "live" });
    if (first) onStart?.();
    if (batch.events.length > 0) onEvents(batch.events, batch.caughtUp);
  }

  #fail(why: Failure): void {
    this.#stop();
    if (why === "forbidden") {
      this.#end("denied");
      return;
    }
    const refused = why === "refused";
    this.#attempt = refused ? Math.max(this.#attempt + 1, OFFLINE_AFTER) : this.#attempt + 1;
    const wait = refused ? REFUSED_WAIT : backoff(this.#attempt, this.#ports.random);
    const phase = this.#attempt >= OFFLINE_AFTER ? "offline" : "reconnecting";
    this.#tell({ phase, attempt: this.#attempt, retryAt: this.#ports.now() + wait });
    this.#cancelRetry = this.#ports.later(wait, () => this.#open());
  }

  #end(phase: "ended" | "denied"): void {
    this.#closed = true;
    this.#tell({ phase });
  }
}

/**
 * One stream of events, over any number of connections: it resubscribes from the cursor of the last batch it
 * applied, so that nothing is missed and nothing comes twice. Non-reactive: the caller closes it.
 */
export function makeStream<E>(options: StreamOptions<E>, ports: StreamPorts): Stream {
  return new EventStream(options, ports);
}
