import { createClient } from "redis";
import { createLocalBus } from "./bus.ts";
import type { Bus } from "./ports.ts";

const WAKE = "shiplog:wake";
const ACCESS = "shiplog:access";

export interface RedisBusOptions {
  /** e.g. redis://127.0.0.1:6379 */
  readonly url: string;
  /** The connection broke; it comes back by itself. */
  readonly onError?: (error: unknown) => void;
}

/** A bus over processes; it has two connections to let go. */
export interface RedisBus extends Bus {
  /** Resolves when it first listens. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The in-process bus for this process's own readers, and Redis publish/subscribe for the others. A message names
 * the streams that grew, as a hint; readers still read the log. While Redis is away messages are dropped: after
 * a reconnection everything is asked for, and open streams look after their heads by themselves every few
 * seconds. Our own messages come back to us and are ignored by their sender's id.
 */
export function createRedisBus({ url, onError }: RedisBusOptions): RedisBus {
  const local = createLocalBus();
  const self = crypto.randomUUID();
  const publisher = createClient({ url, disableOfflineQueue: true });
  const subscriber = createClient({ url });
  for (const client of [publisher, subscriber]) client.on("error", (error) => onError?.(error));

  const send = (channel: string, streams: readonly string[]) => {
    if (!publisher.isReady) return;
    publisher.publish(channel, JSON.stringify({ from: self, streams })).catch((error) => onError?.(error));
  };
  const receive = (text: string, act: (streams: readonly string[]) => void) => {
    const message = JSON.parse(text) as { from: string; streams: string[] };
    if (message.from !== self) act(message.streams);
  };
  // Redis subscribes again by itself after a reconnection; what was published meanwhile is lost.
  subscriber.on("ready", () => {
    local.wakeAll();
    local.accessChanged();
  });

  const start = async (): Promise<void> => {
    await Promise.all([publisher.connect(), subscriber.connect()]);
    await subscriber.subscribe(WAKE, (text) => receive(text, local.wake));
    await subscriber.subscribe(ACCESS, (text) => receive(text, local.accessChanged));
  };
  return {
    wake: (streamIds) => {
      local.wake(streamIds);
      send(WAKE, streamIds);
    },
    onWake: local.onWake,
    accessChanged: () => {
      local.accessChanged();
      send(ACCESS, []);
    },
    onAccessChanged: local.onAccessChanged,
    ready: start(),
    stop: async () => {
      publisher.destroy();
      subscriber.destroy();
    },
  };
}
