import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";
import { ROOT } from "../../../structure/sources.ts";
import { PEER_NAMES, type PeerName } from "../peers/install.ts";
import { packagesOf } from "../peers/modules.ts";
import { type PeerServer, START } from "../peers/servers.ts";
import { eventsAt, type Plan, pace } from "../plan.ts";
import { answerCalls } from "../rpc.ts";
import { usage } from "./usage.ts";

let server: PeerServer | null = null;

/** A GraphQL server of others with Shiplog's whole schema; resolves with its port. */
async function open({ folder, name }: { readonly folder: string; readonly name: PeerName }): Promise<number> {
  if (!PEER_NAMES.includes(name)) throw new Error(`there is no peer ${name}`);
  const packages = packagesOf(folder);
  const sdl = readFileSync(join(ROOT, "schema/schema.graphql"), "utf8");
  const schemaWith = (subscribe: (id: string, context: never) => unknown): GraphQLSchema => {
    const schema = packages.graphql.buildSchema(sdl);
    const field = schema.getSubscriptionType()?.getFields().agentExecutionEvents;
    if (!field) throw new Error("the schema has no agentExecutionEvents");
    field.subscribe = (_root, { id }, context) => subscribe(id, context as never);
    field.resolve = (batch) => batch;
    return schema;
  };
  server = await START[name](packages, schemaWith);
  return server.port;
}

let seq = 0;

/** One batch of one event at a time: nothing here writes a log or puts events together. */
async function publish({
  plan,
  ids,
}: {
  readonly plan: Plan;
  readonly ids: readonly string[];
}): Promise<void> {
  await pace(plan, (tick) => {
    for (const { stream, pieces } of eventsAt(plan, tick)) {
      const event = {
        __typename: "AgentTextDelta",
        seq: ++seq,
        at: new Date().toISOString(),
        messageId: "m",
        text: pieces.join(""),
      };
      const cursor = Buffer.alloc(28, seq & 0xff).toString("base64url");
      server?.publish(ids[stream] ?? "", { events: [event], cursor, caughtUp: true, reset: false });
    }
  });
}

const methods = { ...usage, open, publish };
export type Peer = typeof methods;
answerCalls(methods);
