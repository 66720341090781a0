import { createSchema } from "@shiplog/schema";
import { expect, test } from "vitest";
import { testDatabase } from "../database.ts";
import { SEED } from "../seed.ts";
import { CANARY } from "./canary.ts";
import { inProcess } from "./in_process.ts";
import { testSwaps } from "./swap.ts";
import { makeTenants } from "./tenants.ts";
import { swappablePlaces } from "./values.ts";

const database = await testDatabase();

const OPERATIONS = 10_000;

test(`${OPERATIONS} generated operations with ids swapped between two tenants show nothing foreign (seed ${SEED})`, async () => {
  const { tenants, ...world } = await makeTenants(database);
  expect(world.marked).toEqual(expect.arrayContaining(["ai_activity_content.prompt", "event_content.body"]));
  // They are there to be seen.
  expect(await world.shownToTheirOwner()).toContain(CANARY);
  const options = { seed: SEED, operations: OPERATIONS };
  const seen = await testSwaps(tenants, world.foreignIds, inProcess(tenants), options);
  expect(seen.leaks).toEqual([]);
  expect(seen.twins).toBeGreaterThan(OPERATIONS * 0.9);
  expect(seen.shown).toBeGreaterThan(OPERATIONS / 50);
  expect([...seen.places]).toEqual(expect.arrayContaining(swappablePlaces(createSchema())));
  expect(await world.now()).toEqual(world.before);
});
