import { expect, test } from "vitest";
import { startAnalysis } from "../analysis.ts";
import { eventSource } from "../responses.ts";
import { graphqlWs } from "../sockets.ts";
import { theWorld } from "../world.ts";

const world = theWorld();

test("a run that a worker carries out is told by both servers alike, from its start to its end", async () => {
  const [one, two] = world.urls as [string, string];
  const { execution, token } = await startAnalysis(one.replace("/graphql", ""));
  const followed = [
    graphqlWs({ url: one, execution, token: () => token }),
    graphqlWs({ url: two, execution, token: () => token }),
    eventSource({ url: two, execution, token: () => token }),
  ];
  for (const { record } of followed) expect(await record.end).toBe("complete");
  const [first, ...others] = followed.map(({ record }) => record);
  expect(first?.seqs).toEqual(first?.seqs.map((_, index) => index + 1));
  expect(first?.statuses.at(-1)).toBe("COMPLETED");
  for (const record of others) {
    expect(record).toMatchObject({ seqs: first?.seqs, statuses: first?.statuses, resets: 0 });
  }
  for (const { stop } of followed) stop();
});
