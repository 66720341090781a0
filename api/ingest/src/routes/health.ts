import { z } from "@hono/zod-openapi";
import type { RestApp } from "../http/env.ts";
import { envelope, ok } from "../http/envelope.ts";
import { defineRoute } from "../http/route.ts";

export interface HealthOptions {
  /** By name, e.g. database, migrations: whether that part can serve now. One that throws cannot. */
  readonly checks: Readonly<Record<string, () => Promise<boolean>>>;
  /** The process was told to stop and takes no new work. */
  readonly draining: () => boolean;
}

/** Balancers ask often; the answer may be this old (ms). */
const CACHE_MS = 1_000;
const CHECK_TIMEOUT_MS = 3_000;

const health = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    draining: z.boolean(),
    checks: z.record(z.string(), z.boolean()),
  })
  .openapi("Health");
type Health = z.infer<typeof health>;

function healthRoute<P extends string>(path: P, operationId: string, summary: string, description: string) {
  const content = { "application/json": { schema: envelope(health) } };
  return defineRoute(
    { access: "public" },
    {
      method: "get",
      path,
      operationId,
      tags: ["health"],
      summary,
      description,
      responses: {
        200: { description: "It can serve.", content },
        503: { description: "It cannot serve now.", content },
      },
    },
  );
}

const live = healthRoute(
  "/health/live",
  "live",
  "Is the process alive",
  "Touches nothing beyond the process.",
);
const ready = healthRoute("/health/ready", "ready", "Can it serve", "Database, migrations, not draining.");
const overall = healthRoute("/health", "health", "Can it serve", "The same answer as /health/ready.");

export function registerHealth(app: RestApp, options: HealthOptions): void {
  const runChecks = cached(() => check(options.checks), CACHE_MS);
  const read = async (): Promise<Health> => {
    const checks = await runChecks();
    const draining = options.draining();
    const good = !draining && Object.values(checks).every((passed) => passed);
    return { status: good ? "ok" : "unavailable", draining, checks };
  };
  app.openapi(live, (c) =>
    c.json(ok(c, { status: "ok" as const, draining: options.draining(), checks: {} }), 200),
  );
  for (const route of [ready, overall]) {
    app.openapi(route, async (c) => {
      const state = await read();
      return c.json(ok(c, state), state.status === "ok" ? 200 : 503);
    });
  }
}

async function check(checks: HealthOptions["checks"]): Promise<Record<string, boolean>> {
  const entries = Object.entries(checks).map(async ([name, run]) => [name, await inTime(run)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function inTime(run: () => Promise<boolean>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([run(), timeout.promise]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function cached<T>(read: () => Promise<T>, ms: number): () => Promise<T> {
  let last: { at: number; value: Promise<T> } | null = null;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > ms) last = { at: now, value: read() };
    return last.value;
  };
}
