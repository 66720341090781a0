import { SEED } from "@shiplog/testkit/seed";
import { test } from "vitest";
import { fuzzRest } from "./testing/fuzz.ts";

const { operations } = await fuzzRest();
const REQUESTS = 5_000;

test.each(operations)(`$name answers its share of ${REQUESTS} requests (seed ${SEED})`, async ({ run }) => {
  await run(Math.ceil(REQUESTS / operations.length));
});
