import pg from "pg";

export interface PgNotifierOptions {
  readonly url: string;
  readonly channels: readonly string[];
  /** Another process notified. Never called for our own notifications. */
  readonly onNotify: (channel: string) => void;
  /** The connection is (back) up: notifications may have been lost, so everything must be read again. */
  readonly onReconnect: () => void;
  readonly onError?: (error: unknown) => void;
  /** Between two proofs that the connection is alive (ms). */
  readonly heartbeatMs?: number;
}

export interface PgNotifier {
  /** Resolves when the connection first listens. */
  readonly ready: Promise<void>;
  /** Wakes the other processes; calls while one is under way become one more. Kept while disconnected. */
  notify(channel: string): void;
  stop(): Promise<void>;
}

const BACKOFF = { firstMs: 50, mostMs: 5_000 };

/** One process's LISTEN/NOTIFY port: one connection, no payloads, reconnects until stopped. */
export function createPgNotifier(options: PgNotifierOptions): PgNotifier {
  return new Notifier(options);
}

class Notifier implements PgNotifier {
  readonly ready: Promise<void>;
  readonly #options: PgNotifierOptions;
  readonly #wanted = new Set<string>();
  readonly #sending = new Set<string>();
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
        await client.query("SELECT pg_notify($1, '')", [channel]);
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
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
      keepAlive: true,
    });
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client, new Error("the notification connection ended")));
    client.on("notification", (message) => {
      const own = message.processId === (client as unknown as { processID: number }).processID;
      if (!own) this.#options.onNotify(message.channel);
    });
    try {
      await client.connect();
      for (const channel of this.#options.channels)
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
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

  /** A half-open connection delivers nothing and reports nothing; only a question finds it out. */
  #heartbeat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query("SELECT 1").then(
        () => this.#client === client && this.#heartbeat(client),
        (error) => this.#lost(client, error),
      );
    }, this.#options.heartbeatMs ?? 15_000);
    this.#timer.unref();
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => {});
    this.#retry(error);
  }

  #retry(error: unknown): void {
    if (this.#stopped) return;
    this.#options.onError?.(error);
    const delay = Math.min(BACKOFF.mostMs, BACKOFF.firstMs * 2 ** this.#failures++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delay * (0.5 + Math.random() / 2));
  }
}
