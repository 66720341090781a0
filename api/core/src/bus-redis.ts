import { setTimeout as delay } from "node:timers/promises";
import type { createClient } from "redis";
import { createLocalBus } from "./bus.ts";
import type { Bus } from "./ports.ts";

const WAKE = "shiplog:wake";
const ACCESS = "shiplog:access";

export interface RedisBusOptions {
  /** e.g. redis://127.0.0.1:6379 */
  readonly url: string;
  /** A connection broke; it comes back by itself. */
  readonly onError?: (error: unknown) => void;
  /** A wake-up of ours came back after so long (ms): as others hear of it. */
  readonly onEcho?: (ms: number) => void;
}

/** A bus over processes; it has two connections to let go. */
export interface RedisBus extends Bus {
  /** Both connections answer: what other processes tell is heard at once, and they hear us. */
  readonly connected: boolean;
  stop(): Promise<void>;
}

type Client = ReturnType<typeof createClient>;

const BACKOFF = { firstMs: 50, mostMs: 1_000 };
const CONNECT_MS = 2_000;
const HEARTBEAT_MS = 1_000;
const ANSWER_MS = 1_500;
const TOLD_MS = 500;
/** How often everything is asked for while nothing can be heard. */
const DEAF_MS = 1_000;

/**
 * The in-process bus for this process's own readers, and Redis publish/subscribe for the others. A message names
 * the streams that grew, as a hint; readers still read the log. While Redis cannot be heard everything is asked for
 * every second, and once more when it is back; what could not be told meanwhile is told then, as one message without
 * names. Our own messages come back to us and are ignored by their sender's id.
 */
export function createRedisBus({ url, onError = () => {}, onEcho }: RedisBusOptions): RedisBus {
  const local = createLocalBus();
  const self = crypto.randomUUID();
  const echo = `shiplog:echo:${self}`;
  let echoed = () => {};
  /** Channels on which something could not be told. */
  const untold = new Set<string>();
  const lookEverythingOver = () => {
    local.wakeAll();
    local.accessChanged();
  };

  const emitWake = (streams: readonly string[] | null) => (streams ? local.wake(streams) : local.wakeAll());
  const hear = (text: string, act: (streams: readonly string[] | null) => void) => {
    const message = parseMessage(text);
    if (message.from !== self) return act(message.streams);
    if (message.at !== null) onEcho?.(performance.now() - message.at);
  };

  const subscriber = new RedisLink(url, {
    onError,
    prepare: async (client) => {
      await client.subscribe(WAKE, (text) => hear(text, emitWake));
      await client.subscribe(ACCESS, (text) => hear(text, () => local.accessChanged()));
      await client.subscribe(echo, () => echoed());
    },
    // It may answer without delivering: only a message of our own that comes back shows that others' do.
    prove: async (client) => {
      await client.ping();
      const heard = Promise.withResolvers<void>();
      echoed = heard.resolve;
      // What could not be told to Redis is no fault of the subscriber's.
      const told = publisher.client?.publish(echo, "").then(() => true);
      const late = delay(TOLD_MS, false, { ref: false });
      if (told && (await Promise.race([told, late]).catch(() => false))) await heard.promise;
    },
    onReady: lookEverythingOver,
  });
  const publisher = new RedisLink(url, {
    onError,
    onReady: () => {
      for (const channel of untold) send(channel, null);
    },
  });
  const deaf = setInterval(() => {
    if (!subscriber.client) lookEverythingOver();
  }, DEAF_MS).unref();

  const send = (channel: string, streams: readonly string[] | null) => {
    const { client } = publisher;
    if (!client) return void untold.add(channel);
    untold.delete(channel);
    client.publish(channel, JSON.stringify({ from: self, at: performance.now(), streams })).catch((error) => {
      untold.add(channel);
      onError(error);
    });
  };
  return {
    wake: (streamIds, committed) => {
      local.wake(streamIds, committed);
      send(WAKE, streamIds);
    },
    onWake: local.onWake,
    accessChanged: () => {
      local.accessChanged();
      send(ACCESS, null);
    },
    onAccessChanged: local.onAccessChanged,
    get connected() {
      return subscriber.client !== null && publisher.client !== null;
    },
    stop: async () => {
      clearInterval(deaf);
      await Promise.all([subscriber.stop(), publisher.stop()]);
    },
  };
}

interface Message {
  /** The process that tells; null when it cannot be made out. */
  readonly from: string | null;
  /** By the clock of its process; null when it is not told. */
  readonly at: number | null;
  /** Null: anything may have grown. */
  readonly streams: readonly string[] | null;
}

/** Anybody may publish, another version of us too: what cannot be read says that something happened, not what. */
function parseMessage(text: string): Message {
  try {
    const { from, at, streams } = (JSON.parse(text) ?? {}) as Record<keyof Message, unknown>;
    const named = Array.isArray(streams) && streams.every((id) => typeof id === "string");
    return {
      from: typeof from === "string" ? from : null,
      at: typeof at === "number" ? at : null,
      streams: named ? streams : null,
    };
  } catch {
    return { from: null, at: null, streams: null };
  }
}

interface LinkHooks {
  /** A connection broke, or none could be made. */
  onError(error: unknown): void;
  /** Before a new connection counts as there. */
  prepare?(client: Client): Promise<void>;
  /** Resolves when it is seen to work; absent: when it answers. */
  prove?(client: Client): Promise<unknown>;
  onReady(): void;
}

/**
 * One connection that comes back until it is stopped. A connection that a network has forgotten reports nothing, so
 * it is asked for a sign of life every second and replaced when none comes.
 */
class RedisLink {
  readonly #url: string;
  readonly #hooks: LinkHooks;
  readonly #stopping = new AbortController();
  readonly #life: Promise<void>;
  /** Null while there is no connection that has been prepared. */
  client: Client | null = null;

  constructor(url: string, hooks: LinkHooks) {
    this.#url = url;
    this.#hooks = hooks;
    this.#life = this.#live();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#life;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      const began = performance.now();
      await this.#connection().catch((error) => signal.aborted || this.#hooks.onError(error));
      if (performance.now() - began > BACKOFF.mostMs * 2) failures = 0;
      const pause = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** failures) * (0.5 + Math.random() / 2);
      await delay(pause, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One connection's life; rejects with what ended it. */
  async #connection(): Promise<void> {
    const { signal } = this.#stopping;
    // Only with Redis: its client is a quarter of all the modules that a start loads.
    const { createClient } = await import("redis");
    const client = createClient({
      url: this.#url,
      disableOfflineQueue: true,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
    });
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => {});
    client.on("error", broken.reject);
    const stop = () => broken.reject(new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
    const within = <T>(ms: number, work: Promise<T>) => Promise.race([broken.promise, inTime(ms, work)]);
    const prove = () => within(ANSWER_MS, this.#hooks.prove?.(client as Client) ?? client.ping());
    try {
      await within(CONNECT_MS + ANSWER_MS, client.connect());
      await within(ANSWER_MS, this.#hooks.prepare?.(client as Client) ?? Promise.resolve());
      await prove();
      this.client = client as Client;
      this.#hooks.onReady();
      for (;;) {
        await prove();
        await Promise.race([broken.promise, delay(HEARTBEAT_MS, undefined, { ref: false })]);
      }
    } finally {
      this.client = null;
      signal.removeEventListener("abort", stop);
      if (client.isOpen) client.destroy();
    }
  }
}

async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
