import type { Log } from "@shiplog/core";

/** The order in which a process ends. */
export interface Lifecycle {
  /** Registers what to stop; the last registered is stopped first. */
  onStop(name: string, stop: () => Promise<void> | void): void;
  /** True from the first call of `stop` on. */
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

/** A part that hangs must not keep the others from stopping: each gets this long (ms), all of them 4.5 s. */
const PART_LIMIT = 2_500;

function within(ms: number, work: Promise<void>, name: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`${name} did not stop within ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

export function createLifecycle(log: Log): Lifecycle {
  const parts: { name: string; stop: () => Promise<void> | void }[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async (): Promise<void> => {
    for (let part = parts.pop(); part; part = parts.pop()) {
      const { name, stop } = part;
      try {
        await within(PART_LIMIT, Promise.resolve(stop()), name);
      } catch (error) {
        log.error({ error }, `${name} did not stop cleanly`);
      }
    }
  };

  const lifecycle: Lifecycle = {
    onStop: (name, stop) => void parts.push({ name, stop }),
    get stopping() {
      return stopping !== undefined;
    },
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
    handleSignals: () => {
      let signals = 0;
      const onSignal = (signal: NodeJS.Signals) => {
        if (++signals > 1) process.exit(1);
        log.info({ signal }, "stopping");
        setTimeout(() => process.exit(1), 4_500).unref();
        void lifecycle.stop().then(() => process.exit(0));
      };
      process.on("SIGTERM", onSignal);
      process.on("SIGINT", onSignal);
    },
    handleFaults: () => {
      process.on("unhandledRejection", (error) => log.error({ error }, "a rejection was not handled"));
      process.on("uncaughtException", (error) => {
        log.error({ error }, "an exception was not caught; stopping");
        setTimeout(() => process.exit(1), 4_500).unref();
        void lifecycle.stop().then(() => process.exit(1));
      });
    },
  };
  return lifecycle;
}
