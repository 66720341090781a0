import { processDelivery } from "@shiplog/core/project";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import fc from "fast-check";
import { expect, it } from "vitest";
import { dump } from "../../fixtures/dump.ts";
import { makeInbox } from "../../fixtures/intake.ts";
import { arrivals, deliver, expectStreamsTrue, inOrder } from "../../fixtures/order.ts";
import { attempts, surroundings } from "../../fixtures/story.ts";
import { providers } from "../index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);

const SEED = 20261122;
const story = [...attempts(), ...surroundings()];

it("ends in the same state whatever the order and however often deliveries come", async () => {
  const { state: expected } = await deliver(ctx, story, inOrder(story));
  await fc.assert(
    fc.asyncProperty(arrivals(story), async (sequence) => {
      const { state, projectId } = await deliver(ctx, story, sequence);
      expect(state).toEqual(expected);
      await expectStreamsTrue(database.db, projectId);
    }),
    { numRuns: 5, seed: SEED, endOnFailure: true },
  );
}, 90_000);

it("ends in the same state when everything is processed at once", async () => {
  const { state: expected } = await deliver(ctx, story, inOrder(story));
  const inbox = await makeInbox(ctx);
  for (const { event, payload } of story) await inbox.post(event, payload);
  const waiting = await database.db.webhookDelivery.findMany({ where: { projectId: inbox.projectId } });
  await Promise.all(waiting.map((delivery) => processDelivery(ctx, delivery, providers)));
  expect(await dump(database.db, inbox.projectId)).toEqual(expected);
  await expectStreamsTrue(database.db, inbox.projectId);
});
