import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Actor, type Context, UnauthenticatedError } from "@shiplog/core";
import {
  type Batch,
  createStreams,
  type StreamKind,
  type StreamOptions,
  type Streams,
} from "@shiplog/core/live";
import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from "graphql";
import type { Documents } from "../document.ts";
import { createLive, type LiveServer, type LiveStats } from "../live.ts";
import type { Caller, Credential, HeaderReader, Limits, LiveOptions } from "../options.ts";

/** What `weather` answers, as a field that reads something that changes; an error is thrown. */
export const WEATHER: { now: string | Error } = { now: "dry" };

const EventType = new GraphQLObjectType({
  name: "Event",
  fields: {
    seq: { type: GraphQLInt },
    type: { type: GraphQLString },
    text: { type: GraphQLString, resolve: (event) => event.data.text },
    long: {
      type: GraphQLString,
      args: { bytes: { type: GraphQLInt } },
      resolve: (_event, { bytes }) => "x".repeat(bytes),
    },
    weather: {
      type: GraphQLString,
      resolve: async () => {
        if (WEATHER.now instanceof Error) throw WEATHER.now;
        return WEATHER.now;
      },
    },
    failing: {
      type: GraphQLString,
      resolve: () => {
        throw new Error("a secret of the database");
      },
    },
  },
});

const BatchType = new GraphQLObjectType<Batch>({
  name: "Batch",
  fields: {
    events: { type: new GraphQLList(EventType) },
    cursor: { type: GraphQLString },
    caughtUp: { type: GraphQLBoolean },
    reset: { type: GraphQLBoolean },
  },
});

interface TestCaller extends Caller {
  readonly streams: Streams;
}

const field = (kind: StreamKind) => ({
  type: BatchType,
  args: { id: { type: GraphQLID }, after: { type: GraphQLString }, tail: { type: GraphQLInt } },
  subscribe: (_: unknown, args: { id: string; after?: string; tail?: number }, context: TestCaller) =>
    context.streams.open({ kind, actor: context.actor, ...args }),
  resolve: (batch: Batch) => batch,
});

/** The three streams over the real ports of core; what the product's schema adds to them is tested there. */
export const TEST_SCHEMA = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: { ok: { type: GraphQLBoolean, resolve: () => true } },
  }),
  mutation: new GraphQLObjectType({ name: "Mutation", fields: { ok: { type: GraphQLBoolean } } }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      agentExecutionEvents: field("agent_execution"),
      projectEvents: field("project"),
      broken: {
        type: GraphQLBoolean,
        subscribe: () => {
          throw new Error("a secret of the database");
        },
      },
    },
  }),
});

export interface TestServerOptions extends StreamOptions {
  readonly limits?: Partial<Limits>;
  readonly within?: LiveOptions["within"];
  readonly admit?: LiveOptions["admit"];
  readonly documents?: Documents;
  /** 0: any free one. */
  readonly port?: number;
}

export interface LiveTestServer {
  readonly url: string;
  readonly port: number;
  /** Makes a credential known; what it returns goes into `authorization` or a cookie. */
  credential(actor: Actor, expiresAt?: Date): string;
  /** Resolves when everybody's access was looked over. */
  settled(): Promise<void>;
  stats(): LiveStats;
  /** Requests whose sender was looked at. */
  requests(): number;
  /** Open sockets of the operating system. */
  connections(): number;
  /** Bytes that wait in the process for the peer that takes the least. */
  waiting(): number;
  /** The beginning of it: who is here is sent away, and the port still answers. */
  drain(): Promise<void>;
  /** Ordered shutdown. */
  stop(): Promise<void>;
}

export const ORIGIN = "http://shiplog.example";

/** Both transports on a port of their own; "k-…" is a key, "a.b.c" an access token, as in life. */
export async function startLiveServer(
  ctx: Context,
  options: TestServerOptions = {},
): Promise<LiveTestServer> {
  const known = new Map<string, { actor: Actor; expiresAt: Date | null }>();
  const find = (token: string) => {
    const found = known.get(token);
    return found && !(found.expiresAt && found.expiresAt <= ctx.clock.now()) ? found : null;
  };
  const authenticate = async (
    headers: HeaderReader,
    authorization: string | null,
  ): Promise<Credential | null> => {
    if (authorization !== null) {
      const found = find(authorization.replace(/^Bearer /, ""));
      if (!found) throw new UnauthenticatedError("bad token");
      return { ...found, via: "bearer" };
    }
    const found = find(/session=([^;]+)/.exec(headers.get("cookie") ?? "")?.[1] ?? "");
    return found && { actor: found.actor, via: "cookie", expiresAt: null };
  };
  const streams = createStreams(ctx, options);
  const live = createLive({
    ctx,
    streams,
    schema: TEST_SCHEMA,
    authenticate,
    isShared: () => true,
    permitsOrigin: (headers, withCookie) => {
      const origin = headers.get("origin");
      return origin ? origin === ORIGIN : !withCookie;
    },
    contextFor: (caller) => caller,
    limits: options.limits,
    within: options.within,
    admit: options.admit,
    documents: options.documents,
  });
  let requests = 0;
  const identify: Authenticate = (headers, authorization) =>
    authenticate(headers, authorization).finally(() => requests++);
  const server = createServer((request, response) => void answer(live, identify, request, response));
  server.on("upgrade", (request, socket, head) => live.handleUpgrade(request, socket as Socket, head));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let tokens = 0;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    port,
    credential: (actor, expiresAt) => {
      const token = actor.type === "key" ? `k-${++tokens}` : `a.b.${++tokens}`;
      known.set(token, { actor, expiresAt: expiresAt ?? null });
      return token;
    },
    settled: () => streams.access.check(),
    stats: () => live.stats(),
    requests: () => requests,
    connections: () => sockets.size,
    waiting: () => Math.max(0, ...[...sockets].map(({ writableLength }) => writableLength)),
    drain: () => live.drain(),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await live.drain();
      server.closeAllConnections();
      await closed;
      streams.close();
    },
  };
}

type Authenticate = (headers: HeaderReader, authorization: string | null) => Promise<Credential | null>;

async function answer(
  live: LiveServer,
  authenticate: Authenticate,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = new Request(`http://host${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers as Record<string, string>,
    ...(incoming.method === "POST"
      ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" }
      : {}),
  } as RequestInit);
  const accessMark = live.accessMark();
  const credential = await authenticate(request.headers, request.headers.get("authorization")).catch(
    () => null,
  );
  const asked = { request, credential, accessMark, requestId: "request-id", response: outgoing };
  const response = await live.handleSse(asked);
  if (response === "sent") return;
  if (!response) return void outgoing.writeHead(418).end("not a stream");
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  if (!response.body) return void outgoing.end();
  await pipeline(Readable.fromWeb(response.body as never, { highWaterMark: 1 }), outgoing).catch(() => {});
}
