import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ensureOwner } from "@shiplog/core/account";
import { StartupError } from "@shiplog/db/errors";
import { providers } from "@shiplog/ingest/providers";
import { startWorker } from "@shiplog/worker";
import { startDemo } from "./demo/demo.ts";
import { type Env, loadEnv } from "./env.ts";
import { createApp, type Handlers } from "./http/app.ts";
import { healthOf } from "./http/health.ts";
import { type OpenDatabase, openDatabase } from "./launch/database.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createLog } from "./log.ts";
import { createServices, type Services } from "./services.ts";

/** Where links and webhooks point when nothing else is configured. */
function publicUrlOf(env: Env, port: number): string {
  if (env.publicUrl) return env.publicUrl;
  const host = env.host === "0.0.0.0" || env.host === "::" ? "127.0.0.1" : env.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Takes the port first: a taken one must be known before a database is started for nothing. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new StartupError(`Port ${port} on ${host} is taken: stop what uses it, or set PORT.`);
    if (code === "EACCES")
      throw new StartupError(`Port ${port} on ${host} is not for this user: set PORT to 1024 or more.`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new StartupError(`HOST=${host} is no address of this machine.`);
    throw error;
  }
  return (server.address() as AddressInfo).port;
}

/** Until everything is there, requests are told to come again. */
function starting(): Handlers {
  return {
    request: (_, response) => {
      response
        .writeHead(503, { "content-type": "text/plain", "retry-after": "1" })
        .end("Shiplog is starting.\n");
    },
    upgrade: (_, socket) => socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n"),
  };
}

async function announceOwner(services: Services, env: Env): Promise<void> {
  const email = env.admin?.email ?? "admin@shiplog.local";
  const owner = await ensureOwner(services.ctx, { email, password: env.admin?.password });
  if (!owner.created) return;
  console.log(`\n  Sign in as ${owner.email}`);
  if (owner.password) console.log(`  Password:  ${owner.password}   (shown once: note it down)`);
  console.log("");
}

async function startRole(
  env: Env,
  services: Services,
  database: OpenDatabase,
  lifecycle: Lifecycle,
): Promise<void> {
  if (env.role === "server") return;
  const { ctx, agents } = services;
  const worker = await startWorker({
    ctx,
    connectionString: database.url,
    agents,
    providers,
    sweepMs: env.sweepMs,
  });
  lifecycle.onStop("worker", () => worker.stop());
}

/**
 * Starts what SHIPLOG_ROLE asks for and prints the ready line. Throws StartupError with one clear message when
 * it cannot; everything started until then is stopped.
 */
export async function main(): Promise<void> {
  const env = loadEnv();
  const log = createLog(env.logLevel);
  const lifecycle = createLifecycle(log);
  lifecycle.handleSignals();
  lifecycle.handleFaults();
  let handlers = starting();
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  try {
    server.on("request", (request, response) => handlers.request(request, response));
    server.on("upgrade", (request, socket, head) => {
      // Node leaves such a socket without a listener: a reset would end the process.
      socket.on("error", (error) => log.debug({ error }, "a socket failed"));
      handlers.upgrade(request, socket, head);
    });
    const port = await listen(server, env.host, env.role === "worker" ? env.workerPort : env.port);
    const database = await openDatabase(env, log);
    lifecycle.onStop("database", () => database.stop());
    database.onExit((error) => {
      console.error(`The embedded database ended and does not come back: ${error.message}`);
      void lifecycle.stop().then(() => process.exit(1));
    });
    const publicUrl = publicUrlOf(env, port);
    const services = await createServices(env, database, publicUrl, { log, lifecycle });
    // Stops after the worker and the streams, before the pool: no request may meet a pool that is closed.
    lifecycle.onStop("sockets", () => closeServer(server));
    const health = healthOf(services, database, lifecycle);
    handlers = await createApp(env, services, health, lifecycle);
    await startRole(env, services, database, lifecycle);
    if (env.role !== "worker") await announceOwner(services, env);
    console.log(`Shiplog is ready at http://${env.host.includes(":") ? `[${env.host}]` : env.host}:${port}`);
    if (env.demo && env.role === "all") startDemo(env, services.ctx, `http://127.0.0.1:${port}`, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    server.close();
    server.closeAllConnections();
    throw error;
  }
}

/** Idle keep-alive connections would hold the process; running requests get their answer. */
async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 1_500);
  await promise;
  clearTimeout(timer);
}
