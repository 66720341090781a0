import { expect, test } from "vitest";
import { testDatabase } from "../database.ts";
import { CANARY } from "./canary.ts";
import { inProcess } from "./in_process.ts";
import { testSwaps } from "./swap.ts";
import { makeTenants } from "./tenants.ts";

const database = await testDatabase();

const OPERATIONS = 150;
const SEED = 7;

test(`${OPERATIONS} generated operations with ids swapped between two tenants show nothing foreign`, {
  timeout: 60_000,
}, async () => {
  const { tenants, ...world } = await makeTenants(database);
  expect(world.marked).toEqual(expect.arrayContaining(["ai_activity_content.prompt", "event_content.body"]));
  // They are there to be seen.
  expect(await world.shownToTheirOwner()).toContain(CANARY);
  const seen = await testSwaps(tenants, world.foreignIds, inProcess(tenants), {
    seed: SEED,
    operations: OPERATIONS,
  });
  expect(seen.leaks).toEqual([]);
  expect(seen.twins).toBeGreaterThan(OPERATIONS / 2);
  expect(seen.shown).toBeGreaterThan(0);
  expect(await world.now()).toEqual(world.before);
});
