import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { restClient } from "../testing/rest.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

async function client(checks: Record<string, () => Promise<boolean>>, draining = () => false) {
  return restClient(ctx, { health: { checks, draining } });
}

test("ready while every check passes", async () => {
  const rest = await client({ database: async () => true });
  const { status, body } = await rest.get("/health/ready");
  expect([status, body.data]).toEqual([200, { status: "ok", draining: false, checks: { database: true } }]);
  expect((await rest.get("/health")).body.data).toEqual(body.data);
});

test("not ready while one fails or throws, but alive", async () => {
  for (const failing of [
    async () => false,
    () => Promise.reject(new Error("connection refused at 10.0.0.1")),
  ]) {
    const rest = await client({ database: async () => true, migrations: failing });
    const { status, body } = await rest.get("/health/ready");
    expect([status, body.data.status]).toEqual([503, "unavailable"]);
    expect(body.data.checks).toEqual({ database: true, migrations: false });
    expect(JSON.stringify(body)).not.toContain("10.0.0.1");
    expect((await rest.get("/health/live")).status).toBe(200);
  }
});

test("draining shows at once although checks are kept for a second", async () => {
  let draining = false;
  let runs = 0;
  const check = async () => ++runs > 0;
  const rest = await client({ check }, () => draining);
  for (let i = 0; i < 20; i++) await rest.get("/health/ready");
  expect(runs).toBe(1);
  draining = true;
  expect((await rest.get("/health/ready")).status).toBe(503);
});
