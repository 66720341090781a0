import { SEED } from "@shiplog/testkit/seed";
import { expect, test } from "vitest";
import { fuzzRest } from "./testing/fuzz.ts";

const { operations } = await fuzzRest();

/** Answers that the generated requests must reach, or they would prove little. */
const REACHED: Readonly<Record<string, readonly number[]>> = {
  login: [200, 400, 401, 403, 413, 415, 422],
  refresh: [200, 401, 403, 415, 422],
  logout: [200, 403, 415, 422],
  analyze: [202, 401, 403, 404, 415, 422],
  receiveWebhook: [202, 401, 404],
};

test.each(operations)(
  `$name answers generated requests as the document says (seed ${SEED})`,
  async ({ name, run }) => {
    const statuses = await run(300);
    const missing = (REACHED[name] ?? [200]).filter((status) => !statuses.has(status));
    expect([name, missing, Object.fromEntries(statuses)]).toEqual([name, [], expect.anything()]);
  },
);
