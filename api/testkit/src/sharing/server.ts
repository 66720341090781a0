import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Actor, type Context, UnauthenticatedError } from "@shiplog/core";
import type { StreamHub } from "@shiplog/core/live";
import { createLive, Documents, type LiveStats } from "@shiplog/live";
import { createSchema, isShared, measureOperation } from "@shiplog/schema";

/** The live engine over the product's schema; whoever is let in is known by a token of the test's. */
export interface SharingServer {
  readonly url: string;
  token(actor: Actor): string;
  stats(): LiveStats;
  stop(): Promise<void>;
}

export async function startSharingServer(ctx: Context, streams: StreamHub): Promise<SharingServer> {
  const known = new Map<string, Actor>();
  const schema = createSchema();
  const live = createLive({
    ctx,
    streams,
    schema,
    documents: new Documents({ schema, measure: measureOperation }),
    authenticate: async (_headers, authorization) => {
      const actor = known.get(authorization ?? "");
      if (!actor) throw new UnauthenticatedError("not known");
      return { actor, via: "bearer", expiresAt: null };
    },
    permitsOrigin: () => true,
    isShared: (document, operationName) => isShared(schema, document, operationName),
    contextFor: (caller) => ({ core: ctx, ...caller }),
    limits: { messagesPerTenSeconds: 10_000, operationsPerSocket: 1_000, compileAt: 1 },
  });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => live.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    token: (actor) => {
      const token = `token-${known.size}`;
      known.set(token, actor);
      return token;
    },
    stats: () => live.stats(),
    stop: async () => {
      await live.drain();
      server.close();
    },
  };
}
