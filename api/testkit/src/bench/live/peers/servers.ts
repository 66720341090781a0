import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { GraphQLSchema } from "graphql";
import type { PeerName } from "./install.ts";
import type { Packages } from "./modules.ts";

/** A peer that listens. */
export interface PeerServer {
  readonly port: number;
  publish(id: string, batch: object): void;
}

type Subscribe = (id: string, context: never) => unknown;
type SchemaWith = (subscribe: Subscribe) => GraphQLSchema;

const TOPIC = "agentExecution";

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Each as its manual wires it, with its own way to publish. */
export const START: Record<PeerName, (packages: Packages, schemaWith: SchemaWith) => Promise<PeerServer>> = {
  async yoga({ yoga: { createYoga, createPubSub }, graphqlWs, ws }, schemaWith) {
    const pubsub = createPubSub();
    const yoga = createYoga({ schema: schemaWith((id) => pubsub.subscribe(TOPIC, id)) });
    const server = createServer(yoga);
    const sockets = new ws.WebSocketServer({ server, path: yoga.graphqlEndpoint });
    graphqlWs.useServer(yogaOptions(yoga), sockets);
    return { port: await listen(server), publish: (id, batch) => pubsub.publish(TOPIC, id, batch) };
  },

  async apollo({ apollo: { ApolloServer }, subscriptions: { PubSub }, graphqlWs, ws }, schemaWith) {
    const pubsub = new PubSub();
    const schema = schemaWith((id) => pubsub.asyncIterableIterator([`${TOPIC}:${id}`]));
    const server = createServer();
    const sockets = new ws.WebSocketServer({ server, path: "/graphql" });
    graphqlWs.useServer({ schema }, sockets);
    await new ApolloServer({ schema }).start();
    return {
      port: await listen(server),
      publish: (id, batch) => void pubsub.publish(`${TOPIC}:${id}`, batch),
    };
  },

  async mercurius({ fastify, mercurius }, schemaWith) {
    const app = fastify();
    type Context = { readonly pubsub: { subscribe(topic: string): unknown } };
    const schema = schemaWith((id, { pubsub }: Context) => pubsub.subscribe(`${TOPIC}:${id}`));
    app.register(mercurius, { schema, subscription: true });
    await app.listen({ port: 0, host: "127.0.0.1" });
    return {
      port: (app.server.address() as AddressInfo).port,
      publish: (id, batch) => void app.graphql.pubsub.publish({ topic: `${TOPIC}:${id}`, payload: batch }),
    };
  },
};

interface Params {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: object;
}

interface Arguments {
  readonly rootValue: Record<"execute" | "subscribe", (args: unknown) => unknown>;
}

/** Yoga's recipe for graphql-ws. */
function yogaOptions(yoga: ReturnType<Packages["yoga"]["createYoga"]>): object {
  return {
    execute: (args: Arguments) => args.rootValue.execute(args),
    subscribe: (args: Arguments) => args.rootValue.subscribe(args),
    onSubscribe: async (context: { extra: Record<string, unknown> }, _id: string, params: Params) => {
      const { request: req, socket } = context.extra;
      const enveloped = yoga.getEnveloped({ ...context, req, socket, params });
      const { schema, execute, subscribe, contextFactory, parse, validate } = enveloped;
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  };
}
