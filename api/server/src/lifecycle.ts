import { setTimeout as delay } from "node:timers/promises";
import type { ProcessLog } from "./telemetry/log.ts";

/** The order in which a process ends. */
export interface Lifecycle {
  /** Registers what to stop; the last registered is stopped first. `limitMs`: what it may take, where that is more. */
  onStop(name: string, stop: () => Promise<void> | void, limitMs?: number): void;
  /** After SIGTERM requests are still served for so long (ms): balancers look, see it go and send no more. */
  drainFor(ms: number): void;
  /** True from the signal, or the first call of `stop`, on. */
  readonly stopping: boolean;
  /** Stops everything once; later calls wait for the first. */
  stop(): Promise<void>;
  /** SIGTERM and SIGINT stop everything and end the process; a second signal ends it at once. */
  handleSignals(): void;
  /**
   * What nobody handled: a rejection is logged and the process goes on, for it belongs to one request or job; after
   * an exception that was caught nowhere the state is unknown, so everything is stopped and a supervisor starts anew.
   */
  handleFaults(): void;
}

/** A part that hangs must not keep the others from stopping: each gets this long (ms), and all of them. */
const PART_LIMIT = 2_500;
const STOP_LIMIT = 8_000;

function within(ms: number, work: Promise<void>, name: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${name} did not stop within ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

export function createLifecycle(log: ProcessLog): Lifecycle {
  const parts: { name: string; stop: () => Promise<void> | void; limitMs: number }[] = [];
  let stopping: Promise<void> | undefined;
  let drainMs = 0;
  let draining = false;

  const stopAll = async (): Promise<void> => {
    for (let part = parts.pop(); part; part = parts.pop()) {
      const { name, stop, limitMs } = part;
      try {
        await within(limitMs, Promise.resolve(stop()), name);
      } catch (error) {
        log.error({ error }, `${name} did not stop cleanly`);
      }
    }
  };

  const lifecycle: Lifecycle = {
    onStop: (name, stop, limitMs = PART_LIMIT) => void parts.push({ name, stop, limitMs }),
    drainFor: (ms) => {
      drainMs = ms;
    },
    get stopping() {
      return draining || stopping !== undefined;
    },
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
    handleSignals: () => {
      let signals = 0;
      const onSignal = (signal: NodeJS.Signals) => {
        if (++signals > 1) process.exit(1);
        // A person at the keyboard has no balancer.
        const ms = signal === "SIGTERM" ? drainMs : 0;
        log.info({ signal, drainMs: ms }, "stopping");
        draining = true;
        setTimeout(() => process.exit(1), ms + STOP_LIMIT).unref();
        const drained = ms > 0 ? delay(ms) : Promise.resolve();
        void drained.then(() => lifecycle.stop()).then(() => process.exit(0));
      };
      process.on("SIGTERM", onSignal);
      process.on("SIGINT", onSignal);
    },
    handleFaults: () => {
      process.on("unhandledRejection", (error) => log.error({ error }, "a rejection was not handled"));
      process.on("uncaughtException", (error) => {
        log.critical({ error }, "an exception was not caught; stopping");
        setTimeout(() => process.exit(1), STOP_LIMIT).unref();
        void lifecycle.stop().then(() => process.exit(1));
      });
    },
  };
  return lifecycle;
}
