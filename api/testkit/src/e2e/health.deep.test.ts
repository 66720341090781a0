import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { testDatabase } from "../database.ts";
import { cleanUp, startShiplog } from "../process.ts";

const database = await testDatabase();
afterAll(cleanUp);

interface Health {
  readonly status: string;
  readonly checks: Readonly<Record<string, boolean>>;
}

it("a lone worker tells of a lost bus and a missing migration, and serves its metrics", async () => {
  const worker = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      // Nobody listens there: Redis is lost.
      REDIS_URL: "redis://127.0.0.1:1",
      SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SHIPLOG_ROLE: "worker",
      SHIPLOG_WORKER_PORT: "0",
    },
  });
  const read = async (path: string) => {
    const answer = await fetch(worker.url + path);
    return { code: answer.status, ...((await answer.json()) as { data: Health }).data };
  };
  const degraded = {
    code: 200,
    status: "degraded",
    checks: { database: true, migrations: true, bus: false },
  };
  expect(await read("/health/ready")).toMatchObject(degraded);

  await database.db.$executeRaw`CREATE TABLE kept AS SELECT * FROM _prisma_migrations`;
  await database.db.$executeRaw`DELETE FROM _prisma_migrations
    WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`;
  const missing = { code: 503, status: "unavailable", checks: { database: true, migrations: false } };
  await expect.poll(() => read("/health/ready"), { timeout: 5_000 }).toMatchObject(missing);
  expect(await read("/health/live")).toMatchObject({ code: 200, status: "ok" });
  await database.db.$executeRaw`INSERT INTO _prisma_migrations
    SELECT * FROM kept WHERE id NOT IN (SELECT id FROM _prisma_migrations)`;
  await expect.poll(() => read("/health/ready"), { timeout: 5_000 }).toMatchObject(degraded);

  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain("shiplog_bus_connected 0");
  expect(metrics).toContain('shiplog_queue_jobs{task="run_agent",state="ready"} 0');
  const forwarded = await fetch(`${worker.url}/metrics`, { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(forwarded.status).toBe(401);
  expect(await worker.stop()).toBeLessThan(5_000);
}, 60_000);
