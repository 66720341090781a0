import { until } from "@shiplog/testkit/deferred";
import { expect, test } from "vitest";
import { seeded, upTo } from "../testing/follow.ts";
import type { Follow } from "./testing/record.ts";
import { eventSource, eventSourceCookie, fetchReader } from "./testing/responses.ts";
import { apollo, graphqlWs, urql } from "./testing/sockets.ts";
import { openWorld } from "./testing/world.ts";

const world = await openWorld();
const CLIENTS: Follow[] = [graphqlWs, urql, apollo, fetchReader, eventSource, eventSourceCookie];
const SIZE = { events: 20_000, cuts: 10 };

test("six clients follow one run of 20,000 events from four writers, each cut off 10 times: nothing lost or doubled", async () => {
  const seed = 20_261_122;
  console.log(`contract clients, seed ${seed}`);
  const random = seeded(seed);
  const story = await world.story();
  const { token } = await story.reader();
  const followed = await Promise.all(
    CLIENTS.map(async (follow) => {
      const { url, proxy } = await world.network();
      return { ...follow({ url, execution: story.execution, token: () => token }), proxy };
    }),
  );
  let left = SIZE.events - 1;
  const write = async () => {
    while (left > 0) {
      const count = Math.min(left, 1 + Math.floor(random() * 20));
      left -= count;
      await story.append(count);
    }
  };
  const cutting = followed.map(async ({ record, proxy }) => {
    for (let cut = 1; cut <= SIZE.cuts; cut++) {
      await until(() => record.connections === cut, 60_000);
      const at = record.seqs.length + Math.floor((random() * SIZE.events) / SIZE.cuts / 4);
      await until(() => record.seqs.length >= Math.min(at, SIZE.events - 1), 60_000);
      proxy.cut();
    }
  });
  await Promise.all([write(), write(), write(), write(), ...cutting]);
  await story.append(1, { ends: true });
  for (const { record, stop } of followed) {
    expect(await record.end).toBe("complete");
    expect(record.seqs).toEqual(upTo(SIZE.events));
    expect(record).toMatchObject({ resets: 0, connections: SIZE.cuts + 1 });
    stop();
  }
});
