import { createPgNotifier } from "@shiplog/db";
import { createLocalBus } from "./bus.ts";
import type { Bus } from "./ports.ts";

const WAKE = "shiplog_wake";
const ACCESS = "shiplog_access";

export interface PgBusOptions {
  /** Connection string; one connection is held. */
  readonly url: string;
  /** The connection broke; it comes back by itself. */
  readonly onError?: (error: unknown) => void;
  /** Between two proofs that the connection is alive (ms). */
  readonly heartbeatMs?: number;
}

/** A bus over processes; it has a connection to let go. */
export interface PgBus extends Bus {
  /** Resolves when it first listens. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The in-process bus for this process's own readers, and NOTIFY without a payload for the others, who then ask
 * the log. After a reconnection everything is asked for: what was notified meanwhile is lost.
 */
export function createPgBus(options: PgBusOptions): PgBus {
  const local = createLocalBus();
  const notifier = createPgNotifier({
    ...options,
    channels: [WAKE, ACCESS],
    onNotify: (channel) => (channel === ACCESS ? local.accessChanged() : local.wakeAll()),
    onReconnect: () => {
      local.wakeAll();
      local.accessChanged();
    },
  });
  return {
    wake: (streamIds) => {
      local.wake(streamIds);
      notifier.notify(WAKE);
    },
    onWake: local.onWake,
    accessChanged: () => {
      local.accessChanged();
      notifier.notify(ACCESS);
    },
    onAccessChanged: local.onAccessChanged,
    ready: notifier.ready,
    stop: () => notifier.stop(),
  };
}
