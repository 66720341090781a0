import { z } from "@hono/zod-openapi";
import type { RestApp } from "../http/env.ts";
import { envelope, ok } from "../http/envelope.ts";
import { defineRoute } from "../http/route.ts";

type Checks = Readonly<Record<string, () => Promise<boolean>>>;

export interface HealthOptions {
  /** By name, e.g. database, migrations: whether that part can serve now. One that throws cannot. */
  readonly checks: Checks;
  /** Parts whose loss makes it slower, not unable: they are told, and it serves on. */
  readonly degrading?: Checks;
  /** The process was told to stop and takes no new work. */
  readonly draining: () => boolean;
}

/** Balancers ask often; the answer may be this old (ms). */
const CACHE_MS = 1_000;
const CHECK_TIMEOUT_MS = 2_000;
/** A check that hangs for longer is given up and made anew: the network may have forgotten its connection. */
const ABANDON_MS = 4_000;

const health = z
  .object({
    status: z.enum(["ok", "degraded", "unavailable"]).openapi({
      description:
        "degraded: it serves, more slowly: wake-ups of other processes do not come (bus), streams ask by themselves.",
    }),
    draining: z.boolean().openapi({ description: "It was told to stop: send nothing more." }),
    checks: z
      .record(z.string(), z.boolean())
      .openapi({ description: "database, migrations (none is missing), bus." }),
  })
  .openapi("Health");
type Health = z.infer<typeof health>;

function healthRoute<P extends string>(path: P, operationId: string, summary: string, description: string) {
  const content = { "application/json": { schema: envelope(health) } };
  return defineRoute(
    { access: "public", free: true },
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
const ready = healthRoute(
  "/health/ready",
  "ready",
  "Can it serve",
  "The database answers, no migration is missing, and it is not draining. At most a second old.",
);
const overall = healthRoute("/health", "health", "Can it serve", "The same answer as /health/ready.");

export function registerHealth(app: RestApp, options: HealthOptions): void {
  const [needed, degrading] = [guarded(options.checks), guarded(options.degrading ?? {})];
  const runChecks = cached(() => Promise.all([check(needed), check(degrading)]), CACHE_MS);
  const read = async (): Promise<Health> => {
    const [must, may] = await runChecks();
    const draining = options.draining();
    const able = !draining && passed(must);
    const status = able ? (passed(may) ? "ok" : "degraded") : "unavailable";
    return { status, draining, checks: { ...must, ...may } };
  };
  app.openapi(live, (c) =>
    c.json(ok(c, { status: "ok" as const, draining: options.draining(), checks: {} }), 200),
  );
  for (const route of [ready, overall]) {
    app.openapi(route, async (c) => {
      const state = await read();
      return c.json(ok(c, state), state.status === "unavailable" ? 503 : 200);
    });
  }
}

function passed(checks: Readonly<Record<string, boolean>>): boolean {
  return Object.values(checks).every((good) => good);
}

/** One run of each check at a time: where the database hangs, those who ask must not fill its pool. */
function guarded(checks: Checks): Checks {
  return Object.fromEntries(Object.entries(checks).map(([name, run]) => [name, single(run)]));
}

function single(run: () => Promise<boolean>): () => Promise<boolean> {
  let running: { readonly since: number; readonly result: Promise<boolean> } | null = null;
  return () => {
    if (running && performance.now() - running.since < ABANDON_MS) return running.result;
    const mine = { since: performance.now(), result: run() };
    running = mine;
    const clear = () => {
      if (running === mine) running = null;
    };
    mine.result.then(clear, clear);
    return mine.result;
  };
}

async function check(checks: Checks): Promise<Record<string, boolean>> {
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
