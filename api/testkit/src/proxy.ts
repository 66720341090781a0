import { connect, createServer, type Socket } from "node:net";
import { type MessageFilter, Pipe, type Shape } from "./proxy/pipe.ts";

/** A TCP relay with which a test plays a bad network. */
export interface TcpProxy {
  readonly port: number;
  /** Sets where new connections go: a port or the path of a socket, or several that take turns. */
  target(...places: (number | string)[]): void;
  /** Resets every open connection; how many. */
  cut(): number;
  /**
   * Nothing passes in either direction, not even an end or a refusal; new connections are taken and hear nothing,
   * until `heal`. The connections of that time stay dead for good, as after a router lost its state; with `keep`
   * what was held back passes late instead.
   */
  blackhole(options?: { readonly keep?: boolean }): void;
  /** New connections are reset at once, and the open ones now, until `heal`. */
  refuse(): void;
  /** New connections pass again. */
  heal(): void;
  shape(shape: Shape): void;
  /** Judges what comes from behind, message by message, on connections that are opened from now on. */
  filter(filter: MessageFilter | null): void;
  /** Sees what is sent to behind, chunk by chunk, on connections that are opened from now on. */
  tap(tap: (() => (chunk: Buffer) => void) | null): void;
  /** Connections taken since the beginning. */
  readonly taken: number;
  close(): Promise<void>;
}

type State = "open" | "blackhole" | "late" | "refusing";

export async function startProxy(): Promise<TcpProxy> {
  const links = new Set<Link>();
  const behind: { places: readonly (number | string)[]; taken: number } = { places: [], taken: 0 };
  let state: State = "open";
  let shape: Shape = {};
  let filter: MessageFilter | null = null;
  let tap: (() => (chunk: Buffer) => void) | null = null;
  const server = createServer({ noDelay: true }, (client) => {
    const place = behind.places[behind.taken++ % behind.places.length];
    if (state === "refusing" || place === undefined)
      return void client.on("error", () => {}).resetAndDestroy();
    const link = new Link(client, place, { filter, tap, gone: () => links.delete(link) });
    links.add(link);
    link.shape(shape);
    if (state === "blackhole" || state === "late") link.hold();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    const open = [...links].filter((link) => !link.lost);
    for (const link of open) link.reset();
    return open.length;
  };
  return {
    port: (server.address() as { port: number }).port,
    target: (...places) => {
      behind.places = places;
    },
    cut,
    blackhole: ({ keep = false } = {}) => {
      state = keep ? "late" : "blackhole";
      for (const link of links) link.hold();
    },
    refuse: () => {
      state = "refusing";
      cut();
    },
    heal: () => {
      for (const link of links) {
        if (link.held && state === "late") link.release();
        else if (link.held) link.lose();
      }
      state = "open";
    },
    shape: (next) => {
      shape = next;
      for (const link of links) link.shape(next);
    },
    filter: (next) => {
      filter = next;
    },
    tap: (next) => {
      tap = next;
    },
    get taken() {
      return behind.taken;
    },
    close: () =>
      new Promise((resolve) => {
        for (const link of links) link.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A database behind a network of its own: the connection string that leads through it. */
export async function proxyDatabase(databaseUrl: string): Promise<{ proxy: TcpProxy; url: string }> {
  const proxy = await startProxy();
  const url = new URL(databaseUrl);
  const folder = url.searchParams.get("host");
  proxy.target(folder ? `${folder}/.s.PGSQL.${url.port || 5432}` : Number(url.port || 5432));
  url.searchParams.delete("host");
  url.hostname = "127.0.0.1";
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

interface LinkParts {
  readonly filter: MessageFilter | null;
  readonly tap: (() => (chunk: Buffer) => void) | null;
  readonly gone: () => void;
}

/** One connection: the two sockets and what passes between them. */
class Link {
  readonly #sockets: readonly [client: Socket, behind: Socket];
  readonly #pipes: readonly Pipe[];
  readonly #gone: () => void;
  readonly #local: boolean;
  /** Nothing passes now. */
  held = false;
  /** Nothing will ever pass. */
  lost = false;

  constructor(client: Socket, place: number | string, { filter, tap, gone }: LinkParts) {
    const behind =
      typeof place === "string" ? connect(place) : connect({ port: place, host: "127.0.0.1", noDelay: true });
    this.#sockets = [client, behind];
    this.#gone = gone;
    this.#local = typeof place === "string";
    this.#pipes = [
      new Pipe(client, behind, { tap: tap?.() ?? null, filter: null, spent: () => this.reset() }),
      new Pipe(behind, client, { tap: null, filter: filter?.() ?? null, spent: () => this.reset() }),
    ];
    for (const socket of this.#sockets) {
      socket.on("error", () => {});
      socket.on("close", (failed) => this.#closed(failed));
    }
  }

  shape(shape: Shape): void {
    for (const pipe of this.#pipes) pipe.shape(shape);
  }

  hold(): void {
    this.held = true;
    for (const pipe of this.#pipes) pipe.hold();
  }

  release(): void {
    this.held = false;
    for (const pipe of this.#pipes) pipe.release();
    this.#closed(false);
  }

  lose(): void {
    this.lost = true;
    for (const pipe of this.#pipes) pipe.drop();
    this.#closed(false);
  }

  /** A local socket knows no reset. */
  reset(): void {
    const [client, behind] = this.#sockets;
    client.resetAndDestroy();
    if (this.#local) behind.destroy();
    else behind.resetAndDestroy();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The end of one side reaches the other when the network lets it through. */
  #closed(failed: boolean): void {
    const [client, behind] = this.#sockets;
    if (client.destroyed && behind.destroyed) this.#gone();
    else if (this.held || !(client.destroyed || behind.destroyed)) return;
    else if (failed) this.reset();
    else for (const pipe of this.#pipes) pipe.finish();
  }
}
