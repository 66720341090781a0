import { AsyncResource } from "node:async_hooks";
import pg from "pg";

export interface PgNotifierOptions {
  readonly url: string;
  readonly channels: readonly string[];
  /** Another process notified. Never called for our own notifications. */
  readonly onNotify: (channel: string) => void;
  /** The connection is (back) up: notifications may have been lost, so everything must be read again. */
  readonly onReconnect: () => void;
  readonly onError?: (error: unknown) => void;
  /** A notification of our own came back after so long (ms): as others hear of it. */
  readonly onEcho?: (ms: number) => void;
  /** Between two proofs that the connection is alive (ms). */
  readonly heartbeatMs?: number;
}

export interface PgNotifier {
  /** Resolves when the connection first listens. */
  readonly ready: Promise<void>;
  /** It listens now, and what is notified arrives. */
  readonly connected: boolean;
  /** Wakes the other processes; calls while one is under way become one more. Kept while disconnected. */
  notify(channel: string): void;
  stop(): Promise<void>;
}

/** Short pauses: while it is away, other processes' writes are found by asking, and lost access is not heard of. */
const BACKOFF = { firstMs: 50, mostMs: 1_000 };
const ANSWER_MS = 2_000;
const HEARTBEAT_MS = 1_000;

/** One process's LISTEN/NOTIFY port: one connection, no payloads, reconnects until stopped. */
export function createPgNotifier(options: PgNotifierOptions): PgNotifier {
  return new Notifier(options);
}

class Notifier implements PgNotifier {
  readonly ready: Promise<void>;
  readonly #options: PgNotifierOptions;
  /** For nobody else. */
  readonly #echo = `shiplog_echo_${crypto.randomUUID()}`;
  #echoed: () => void = () => {};
  readonly #wanted = new Set<string>();
  readonly #sending = new Set<string>();
  /** When the notification that is under way was sent, by channel. */
  readonly #sentAt = new Map<string, number>();
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #listenedOnce = false;
  #stopped = false;
  #resolveReady: () => void = () => {};

  constructor(options: PgNotifierOptions) {
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    void this.#connect();
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  notify(channel: string): void {
    this.#wanted.add(channel);
    void this.#send(channel);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  /** At most one NOTIFY of a channel is under way: more calls meanwhile are worth exactly one more. */
  async #send(channel: string): Promise<void> {
    const client = this.#client;
    if (!client || this.#sending.has(channel)) return;
    this.#sending.add(channel);
    try {
      while (this.#client === client && this.#wanted.delete(channel)) {
        this.#sentAt.set(channel, performance.now());
        await client.query({ name: "notify", text: "SELECT pg_notify($1, '')", values: [channel] });
      }
    } catch (error) {
      this.#wanted.add(channel);
      this.#lost(client, error);
    } finally {
      this.#sending.delete(channel);
      // The connection changed while we were sending: what is wanted goes out on the new one.
      if (this.#client && this.#client !== client && this.#wanted.has(channel)) void this.#send(channel);
    }
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: "shiplog-notify",
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client, new Error("the notification connection ended")));
    client.on("notification", (message) => {
      if (message.channel === this.#echo) return this.#echoed();
      const own = message.processId === (client as unknown as { processID: number }).processID;
      if (!own) return this.#options.onNotify(message.channel);
      const sentAt = this.#sentAt.get(message.channel);
      if (sentAt !== undefined) this.#options.onEcho?.(performance.now() - sentAt);
    });
    try {
      await client.connect();
      for (const channel of [...this.#options.channels, this.#echo])
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      await this.#prove(client);
      if (this.#stopped) return await client.end();
      this.#listening(client);
    } catch (error) {
      this.#retry(error);
      await client.end().catch(() => {});
    }
  }

  #listening(client: pg.Client): void {
    this.#client = client;
    this.#failures = 0;
    if (this.#listenedOnce) this.#options.onReconnect();
    this.#listenedOnce = true;
    this.#resolveReady();
    this.#heartbeat(client);
    for (const channel of this.#wanted) void this.#send(channel);
  }

  /**
   * A half-open connection delivers nothing and reports nothing, and one through a pooler may answer without ever
   * delivering; only a notification of one's own that comes back shows that others' do.
   */
  async #prove(client: pg.Client): Promise<void> {
    const echo = Promise.withResolvers<void>();
    this.#echoed = echo.resolve;
    const late = () => echo.reject(new Error("a notification of our own did not come back"));
    const timer = setTimeout(late, ANSWER_MS).unref();
    try {
      await Promise.all([client.query("SELECT pg_notify($1, '')", [this.#echo]), echo.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #heartbeat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      this.#prove(client).then(
        () => this.#client === client && this.#heartbeat(client),
        (error) => this.#lost(client, error),
      );
    }, this.#options.heartbeatMs ?? HEARTBEAT_MS);
    this.#timer.unref();
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => {});
    this.#retry(error);
  }

  /** In nobody's context: a request whose notification met the loss must not have all that is heard later. */
  readonly #retry = AsyncResource.bind((error: unknown): void => {
    if (this.#stopped) return;
    this.#options.onError?.(error);
    const delay = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** this.#failures++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delay * (0.5 + Math.random() / 2));
  });
}
