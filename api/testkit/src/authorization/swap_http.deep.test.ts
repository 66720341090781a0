import { startEdge } from "@shiplog/server/testing/edge";
import { afterAll, expect, test } from "vitest";
import { testDatabase } from "../database.ts";
import { SEED } from "../seed.ts";
import { overHttp, overStreams } from "./over_http.ts";
import { testSwaps } from "./swap.ts";
import { makeTenants } from "./tenants.ts";

const REQUESTS = 500;
const STREAMS = 200;

const database = await testDatabase();
const { tenants, ...world } = await makeTenants(database);
const { clock, log, settings } = tenants.ctx;
const edge = await startEdge(
  database,
  {},
  {
    ...{ clock, log, settings: { workspaces: settings.workspaces } },
    agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: true }],
  },
);
afterAll(() => edge.stop());

test(`${REQUESTS} generated GraphQL and REST requests with ids swapped over HTTP (seed ${SEED})`, async () => {
  const options = { seed: SEED, operations: REQUESTS };
  const seen = await testSwaps(tenants, world.foreignIds, overHttp(tenants, edge.url), options);
  expect(seen.leaks).toEqual([]);
  expect(seen.twins).toBeGreaterThan(REQUESTS * 0.9);
  expect(seen.shown).toBeGreaterThan(0);
  expect(seen.answered).toBeGreaterThan(REQUESTS / 10);
  expect(await world.now()).toEqual(world.before);
});

test(`${STREAMS} generated streams with ids and cursors swapped over WebSocket and SSE (seed ${SEED})`, async () => {
  const options = { seed: SEED, operations: STREAMS };
  const seen = await testSwaps(tenants, world.foreignIds, overStreams(tenants, edge.url), options);
  expect(seen.leaks).toEqual([]);
  expect(seen.twins).toBeGreaterThan(STREAMS * 0.9);
  expect(seen.answered).toBeGreaterThan(STREAMS / 10);
  expect(await world.now()).toEqual(world.before);
});
