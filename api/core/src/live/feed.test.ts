import { deferred } from "@shiplog/testkit/deferred";
import { expect, test } from "vitest";
import { Feed } from "./feed.ts";
import type { Page, StoredEvent } from "./queries.ts";

const at = new Date(0);
const TEXT = "x".repeat(15_000);
const log = (from: number, to: number): StoredEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const data = { text: TEXT };
    return { seq: from + index, at, type: "AgentTextDelta", data, bytes: TEXT.length };
  });

const page = (events: readonly StoredEvent[], head: number): Page => {
  const toHead = (events.at(-1)?.seq ?? head) === head;
  return { head, firstSeq: 1, ended: false, events, toHead };
};

test("a page that was read before the stream grew out of memory ends where it ended then", async () => {
  const reads: (Promise<Page> | Page)[] = [];
  const feed = new Feed("s", async () => {
    const read = reads.shift();
    if (!read) throw new Error("nothing was to be read");
    return read;
  });
  const grow = (from: number, to: number) =>
    expect(feed.extend({ streamId: "s", events: log(from, to), ends: false })).toBe(true);
  feed.apply(page([], 0), null);
  grow(1, 10);

  const slow = deferred<Page>();
  reads.push(slow.promise);
  const loaded = feed.load(0);
  grow(11, 50);
  slow.resolve(page(log(1, 10), 10));
  await loaded;
  // It is asked for what lies between that page and what is in memory.
  reads.push(page(log(11, 27), 50), page(log(28, 44), 50), page(log(45, 50), 50));

  const seqs: number[] = [];
  for (let position = 0; position < feed.seq; ) {
    const slice = feed.sliceInMemory(position);
    if (!slice) await feed.load(position);
    else {
      seqs.push(...slice.events.map(({ seq }) => seq));
      position = slice.to;
    }
  }
  expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});
