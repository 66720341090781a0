import { createPgNotifier } from "@shiplog/db";
import { createLocalBus } from "./bus.ts";
import type { Bus } from "./ports.ts";

const WAKE = "shiplog_wake";
const ACCESS = "shiplog_access";
/** How often everything is asked for while nothing can be heard. */
const DEAF_MS = 1_000;

export interface PgBusOptions {
  /** Connection string; one connection is held. */
  readonly url: string;
  /** The connection broke; it comes back by itself. */
  readonly onError?: (error: unknown) => void;
  /** A wake-up of ours came back after so long (ms): as others hear of it. */
  readonly onEcho?: (ms: number) => void;
  /** Between two proofs that the connection is alive (ms). */
  readonly heartbeatMs?: number;
}

/** A bus over processes; it has a connection to let go. */
export interface PgBus extends Bus {
  /** Resolves when it first listens. */
  readonly ready: Promise<void>;
  /** Wake-ups reach the other processes now. */
  readonly connected: boolean;
  stop(): Promise<void>;
}

/**
 * The in-process bus for this process's own readers, and NOTIFY without a payload for the others, who then ask
 * the log. While they cannot be heard everything is asked for every second, and once more when they can: what was
 * notified meanwhile is lost.
 */
export function createPgBus(options: PgBusOptions): PgBus {
  const local = createLocalBus();
  const lookEverythingOver = () => {
    local.wakeAll();
    local.accessChanged();
  };
  const notifier = createPgNotifier({
    ...options,
    channels: [WAKE, ACCESS],
    onNotify: (channel) => (channel === ACCESS ? local.accessChanged() : local.wakeAll()),
    onReconnect: lookEverythingOver,
  });
  const deaf = setInterval(() => {
    if (!notifier.connected) lookEverythingOver();
  }, DEAF_MS).unref();
  return {
    wake: (streamIds, committed) => {
      local.wake(streamIds, committed);
      notifier.notify(WAKE);
    },
    onWake: local.onWake,
    accessChanged: () => {
      local.accessChanged();
      notifier.notify(ACCESS);
    },
    onAccessChanged: local.onAccessChanged,
    ready: notifier.ready,
    get connected() {
      return notifier.connected;
    },
    stop: () => {
      clearInterval(deaf);
      return notifier.stop();
    },
  };
}
