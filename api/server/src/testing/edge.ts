import type { AddressInfo } from "node:net";
import type { Context } from "@shiplog/core";
import { type ContextOverrides, makeContext } from "@shiplog/testkit/context";
import type { TestDatabase } from "@shiplog/testkit/database";
import { createAgents } from "@shiplog/worker";
import { openEgress } from "../egress/open.ts";
import { parseEnv } from "../env.ts";
import { createApp, type Handlers } from "../http/app.ts";
import { createHttpServer, type HttpTimes } from "../http/timeouts.ts";
import { createLifecycle } from "../lifecycle.ts";
import { openSeeing } from "../telemetry/open.ts";

/** The server's HTTP side as it is put together in life, on a test database and in this process. */
export interface Edge {
  readonly url: string;
  readonly port: number;
  readonly ctx: Context;
  /** Connections that the operating system holds for it. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one on a free port; `env` is what its environment says. */
export async function startEdge(
  database: TestDatabase,
  env: Record<string, string> = {},
  overrides: ContextOverrides = {},
  { operationMs, ...times }: Partial<HttpTimes> & { operationMs?: number } = {},
): Promise<Edge> {
  let handlers: Handlers | null = null;
  const server = createHttpServer(times);
  server.on("request", (request, response) => handlers?.request(request, response));
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    handlers?.upgrade(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const settings = { publicUrl: env.SHIPLOG_PUBLIC_URL ?? url, ...overrides.settings };
  const ctx = await makeContext(database, { ...overrides, settings });
  const log = { ...ctx.log, critical: ctx.log.error };
  const lifecycle = createLifecycle(log);
  const parsed = parseEnv(env);
  const seeing = await openSeeing(parsed, log, lifecycle);
  const services = {
    ctx,
    busConnected: () => true,
    db: database.db,
    streamsDb: database.db,
    egressFetch: openEgress(parsed, seeing.watch),
    agents: createAgents({ databaseUrl: database.url, denyPaths: [], workspaces: [] }),
  };
  const health = { checks: {}, draining: () => false };
  handlers = await createApp(parsed, services, {
    health,
    seeing,
    lifecycle,
    ...(operationMs && { operationMs }),
  });
  return {
    url,
    port,
    ctx,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    async stop() {
      await lifecycle.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
