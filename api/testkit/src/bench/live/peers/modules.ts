import type { Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";

// What is used of packages that are not installed with the workspace, in the words of their manuals.

interface GraphQLWs {
  useServer(options: object, server: object): unknown;
}

interface Ws {
  WebSocketServer: new (options: { server: Server; path: string }) => object;
}

interface Enveloped {
  readonly schema: GraphQLSchema;
  readonly execute: unknown;
  readonly subscribe: unknown;
  contextFactory(): Promise<unknown>;
  parse(query: string): unknown;
  validate(schema: GraphQLSchema, document: unknown): readonly unknown[];
}

interface Yoga {
  createYoga(options: { schema: GraphQLSchema }): {
    (request: unknown, response: unknown): unknown;
    readonly graphqlEndpoint: string;
    getEnveloped(context: object): Enveloped;
  };
  createPubSub(): {
    subscribe(topic: string, id: string): AsyncIterable<unknown>;
    publish(topic: string, id: string, payload: unknown): void;
  };
}

interface Apollo {
  ApolloServer: new (options: { schema: GraphQLSchema }) => { start(): Promise<void> };
}

interface Subscriptions {
  PubSub: new () => {
    asyncIterableIterator(topics: string[]): AsyncIterable<unknown>;
    publish(topic: string, payload: unknown): Promise<void>;
  };
}

interface FastifyApp {
  readonly server: Server;
  readonly graphql: { readonly pubsub: { publish(message: object): unknown } };
  register(plugin: unknown, options: object): unknown;
  listen(options: { port: number; host: string }): Promise<string>;
}

export interface Packages {
  readonly graphql: typeof import("graphql");
  readonly graphqlWs: GraphQLWs;
  readonly ws: Ws;
  readonly yoga: Yoga;
  readonly apollo: Apollo;
  readonly subscriptions: Subscriptions;
  readonly fastify: () => FastifyApp;
  readonly mercurius: unknown;
}

const SPECIFIERS: Record<keyof Packages, string> = {
  graphql: "graphql",
  graphqlWs: "graphql-ws/use/ws",
  ws: "ws",
  yoga: "graphql-yoga",
  apollo: "@apollo/server",
  subscriptions: "graphql-subscriptions",
  fastify: "fastify",
  mercurius: "mercurius",
};

/** Each is loaded when it is asked for. */
export function packagesOf(folder: string): Packages {
  const load = createRequire(join(folder, "package.json"));
  return new Proxy({} as Packages, { get: (_, name: keyof Packages) => load(SPECIFIERS[name]) });
}
