import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { SEED } from "@shiplog/testkit/seed";
import { test } from "vitest";
import { fuzzRest } from "./testing/fuzz.ts";

const database = await testDatabase();
const operations = await fuzzRest({
  seed: SEED,
  makeContext: (overrides) => makeContext(database, overrides),
});
const REQUESTS = 5_000;

test.each(operations)(`$name answers its share of ${REQUESTS} requests (seed ${SEED})`, async ({ run }) => {
  await run(Math.ceil(REQUESTS / operations.length));
});
