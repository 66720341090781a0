import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import fc from "fast-check";
import { expect, it } from "vitest";
import { arrivals, deliver, expectStreamsTrue, inOrder } from "../../fixtures/order.ts";
import { attempts, surroundings } from "../../fixtures/story.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

const SEED = 20261122;
const RUNS = 60;
const story = [...attempts(), ...surroundings()];

it(`ends in the same state in ${RUNS} orders of ${story.length} deliveries`, async () => {
  const { state: expected } = await deliver(ctx, story, inOrder(story));
  await fc.assert(
    fc.asyncProperty(arrivals(story), async (sequence) => {
      const { state, projectId } = await deliver(ctx, story, sequence);
      expect(state).toEqual(expected);
      await expectStreamsTrue(database.db, projectId);
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
}, 600_000);
