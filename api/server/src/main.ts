import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ensureOwner } from "@shiplog/core/account";
import { StartupError } from "@shiplog/db/errors";
import { providers } from "@shiplog/ingest/providers";
import { startWorker } from "@shiplog/worker";
import { startDemo } from "./demo/demo.ts";
import { type Env, loadEnv } from "./env.ts";
import { createApp } from "./http/app.ts";
import { healthOf } from "./http/health.ts";
import { starting } from "./http/starting.ts";
import { createHttpServer } from "./http/timeouts.ts";
import { type OpenDatabase, openDatabase } from "./launch/database.ts";
import { secretsOf } from "./launch/secrets.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import { createServices, type Services } from "./services.ts";
import { createLog } from "./telemetry/log.ts";
import { openSeeing } from "./telemetry/open.ts";
import { knowSecrets } from "./telemetry/redact.ts";

/** Where links and webhooks point when nothing else is configured. */
function publicUrlOf(env: Env, port: number): string {
  if (env.publicUrl) return env.publicUrl;
  const host = env.host === "0.0.0.0" || env.host === "::" ? "127.0.0.1" : env.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Connections that wait while the process is at work, as far as the system's own limit (Linux: net.core.somaxconn,
 * 4096) lets them. One too many and the system drops the end of its handshake: the peer believes itself connected, is
 * taken seconds later or, when it sends nothing, never. Node's own 511 are less than the clients of one server that
 * all come back at once.
 */
const BACKLOG = 4096;

/** Takes the port first: a taken one must be known before a database is started for nothing. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port, backlog: BACKLOG }, resolve);
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

async function announceOwner(services: Services, env: Env): Promise<void> {
  const email = env.admin?.email ?? "admin@shiplog.local";
  await ensureOwner(services.ctx, { email, password: env.admin?.password }, (owner) => {
    console.log(`\n  Sign in as ${owner.email}`);
    if (owner.password) console.log(`  Password:  ${owner.password}   (shown once: note it down)`);
    console.log("");
  });
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
  // The ring's first key may be a new one.
  await ctx.jobs.enqueue(ctx.db, "rewrap_secrets", {}, { key: "rewrap_secrets" });
}

/**
 * Starts what SHIPLOG_ROLE asks for and prints the ready line. Throws StartupError with one clear message when
 * it cannot; everything started until then is stopped.
 */
export async function main(): Promise<void> {
  const env = loadEnv();
  knowSecrets(secretsOf(env));
  const log = createLog(env.logLevel);
  const lifecycle = createLifecycle(log);
  lifecycle.handleSignals();
  lifecycle.handleFaults();
  const handlers = starting();
  const server = createHttpServer();
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
      log.critical({ error }, "the embedded database ended");
      void lifecycle.stop().then(() => process.exit(1));
    });
    const publicUrl = publicUrlOf(env, port);
    const seeing = await openSeeing(env, log, lifecycle);
    const services = await createServices(env, database, publicUrl, { seeing, lifecycle });
    // Stops after the worker and the streams, before the pool: no request may meet a pool that is closed.
    lifecycle.onStop("sockets", () => closeServer(server), REQUESTS_MS + 500);
    const health = await healthOf(services, lifecycle);
    const app = await createApp(env, services, { health, seeing, lifecycle });
    await startRole(env, services, database, lifecycle);
    if (env.role !== "worker") await announceOwner(services, env);
    handlers.release(app);
    // Only where others take over is there somebody who looks.
    if (env.role !== "worker" && env.databaseUrl) lifecycle.drainFor(env.drainMs);
    console.log(`Shiplog is ready at http://${env.host.includes(":") ? `[${env.host}]` : env.host}:${port}`);
    if (env.demo && env.role === "all") startDemo(env, services.ctx, `http://127.0.0.1:${port}`, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    server.close();
    server.closeAllConnections();
    throw error;
  }
}

/** What requests may still take once no new one is let in (ms). */
const REQUESTS_MS = 5_000;
const LOOK_MS = 25;

/** Running requests get their answer; connections without one, now or after it, would only hold the process. */
async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const timer = setTimeout(() => server.closeAllConnections(), REQUESTS_MS);
  await promise;
  clearInterval(idle);
  clearTimeout(timer);
}
