import { SLICE } from "@shiplog/core/live";
import { expect, test } from "vitest";
import type { ContractBatch } from "../record.ts";
import { overSse, overSseAgain, overWebSocket, type Reading, type Transport } from "../recovery.ts";
import { asked, ROWS, type Row } from "../rows.ts";
import { type ContractStory, theWorld } from "../world.ts";

const world = theWorld();

const CASES: { name: string; transport: Transport; row: Row }[] = ROWS.flatMap((row) => [
  { name: "WebSocket", transport: overWebSocket, row },
  { name: "SSE", transport: overSse, row },
  // Last-Event-ID takes the place of both arguments.
  ...(row.after !== undefined && row.tail === undefined
    ? [{ name: "SSE, come back", transport: overSseAgain, row }]
    : []),
]);

const seqs = ({ events }: ContractBatch) => events.map((event) => event.seq);

/** Batches up to the first that is caught up. */
async function toHead(reading: Reading): Promise<ContractBatch[]> {
  const batches: ContractBatch[] = [];
  for (;;) {
    const batch = await reading.next();
    if (batch === "complete" || "error" in batch) throw new Error(`no batch: ${JSON.stringify(batch)}`);
    batches.push(batch);
    if (batch.caughtUp) return batches;
  }
}

/** A seq left out behind the first event is one of the pieces that a whole message stands for. */
function expectGapsExplained(batches: readonly ContractBatch[], from: number | null) {
  let last = from;
  for (const { seq, fromSeq } of batches.flatMap((batch) => batch.events)) {
    if (last !== null && seq > last + 1) expect(fromSeq).toBeLessThanOrEqual(last + 1);
    last = seq;
  }
}

/** After its head, a stream goes on with what comes; a finished one is over. */
async function expectAfterHead(row: Row, reading: Reading, story: ContractStory, head: number) {
  if (row.stream) return;
  if ("complete" in row.gets) return expect(await reading.next()).toBe("complete");
  await story.append(1);
  const live = await reading.next();
  expect(live).toMatchObject({ events: [{ seq: head + 1 }], caughtUp: true, reset: false });
}

test.concurrent.each(CASES)("$name: $row.position", async ({ transport, row }) => {
  const story = await world.story();
  const { history, cursorAt, ...subscription } = asked(row, story, world.ctx);
  await history(world.ctx, story);
  const { token } = await story.reader();
  const reading = await transport({ url: world.url, token, ...subscription });
  const { gets } = row;
  if ("error" in gets) {
    const { error } = (await reading.next()) as { error: unknown };
    expect([gets.error, gets.status]).toContain(error);
  } else {
    const batches = await toHead(reading);
    expect(batches.flatMap(seqs)).toEqual(gets.events);
    expect(batches.map((batch) => batch.reset)).toEqual(batches.map(() => gets.reset ?? false));
    for (const { events } of batches) expect(events.length).toBeLessThanOrEqual(SLICE.events);
    expect(batches.at(-1)?.cursor).toBe(cursorAt(gets.head));
    expectGapsExplained(batches, typeof row.after === "number" ? row.after : null);
    await expectAfterHead(row, reading, story, gets.head);
  }
  await reading.stop();
});
