import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { SEED } from "@shiplog/testkit/seed";
import { test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { createUser } from "../index.ts";
import { checkFamilies } from "./testing/model.ts";

const database = await testDatabase();

test(`200 random histories keep to the model (seed ${SEED})`, { timeout: 240_000 }, async () => {
  const clock = createTestClock();
  const ctx = await makeContext(database, { clock });
  const person = { email: "ada@example.org", name: "Ada", password: "long enough" };
  const { id: userId } = await createUser(ctx, SYSTEM, person);
  await checkFamilies({ ctx, clock, userId }, { numRuns: 200, seed: SEED, maxCommands: 10 });
});
