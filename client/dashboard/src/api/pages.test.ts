import { createSignal } from "solid-js";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Doc } from "./client.ts";
import { type Connection, createPages } from "./pages.ts";
import { onPage, playServer } from "./testing/server.ts";

interface Run {
  id: string;
  status: string;
}
interface Runs {
  runs: Connection<Run>;
}
const DOCUMENT = `query Runs($status: String, $first: Int, $after: String) {
  runs(status: $status, first: $first, after: $after) {
    edges { node { id status } }
    pageInfo { hasNextPage endCursor }
  }
}` as unknown as Doc<Runs, { status: string | null; first: number; after: string | null }>;

const runs = (status: string, ids: readonly string[], endCursor: string | null = null): Runs => ({
  runs: {
    edges: ids.map((id) => ({ node: { id, status } })),
    pageInfo: { hasNextPage: endCursor !== null, endCursor },
  },
});

function openList(first: string) {
  const server = playServer();
  const [status, setStatus] = createSignal(first);
  const pages = onPage(() =>
    createPages(
      DOCUMENT,
      () => ({ status: status() }),
      (data) => data.runs,
    ),
  );
  return { server, setStatus, pages, shown: () => pages.rows.map((row) => `${row.id} ${row.status}`) };
}

it("keeps rows that wait as they are by now, and lets go of those that the filter leaves out", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["a"]));
  await expect.poll(shown).toEqual(["a RUNNING"]);
  for (const id of ["b", "c", "d"]) pages.upsert({ id, status: "PENDING" }, true);
  expect(pages.waiting()).toBe(3);
  pages.upsert({ id: "b", status: "RUNNING" }, true);
  pages.upsert({ id: "c", status: "COMPLETED" }, false);
  expect(pages.waiting()).toBe(2);
  pages.showWaiting();
  expect(shown()).toEqual(["d PENDING", "b RUNNING", "a RUNNING"]);
});

it("shows no row of the old list in the new one", async () => {
  const { server, setStatus, pages, shown } = openList("COMPLETED");
  (await server.asked(0)).answer(runs("COMPLETED", ["a"]));
  await expect.poll(shown).toEqual(["a COMPLETED"]);
  setStatus("RUNNING");
  await server.asked(1);
  // One waits, and comes again after the answer.
  pages.upsert({ id: "r", status: "RUNNING" }, true);
  setStatus("FAILED");
  expect(pages.waiting()).toBe(0);
  expect(shown()).toEqual([]);
  (await server.asked(2)).answer(runs("FAILED", ["f"]));
  await expect.poll(pages.ready).toBe(true);
  expect([shown(), pages.waiting()]).toEqual([["f FAILED"], 0]);
});

it("asks anew for a list that is chosen again while it was read", async () => {
  const { server, setStatus, pages, shown } = openList("RUNNING");
  await server.asked(0);
  setStatus("FAILED");
  await server.asked(1);
  setStatus("RUNNING");
  (await server.asked(2)).answer(runs("RUNNING", ["new"]));
  await expect.poll(pages.ready).toBe(true);
  expect(shown()).toEqual(["new RUNNING"]);
  expect(server.questions.map(({ given }) => given)).toEqual(["up", "up", "answer"]);
});

it("has an answer however often it is read again meanwhile, and reads once more after it", async () => {
  const { server, pages, shown } = openList("RUNNING");
  for (const [nth, id] of ["a", "b", "c"].entries()) {
    const question = await server.asked(nth);
    for (let changes = 0; changes < 5; changes++) pages.reload();
    question.answer(runs("RUNNING", [id]));
    await expect.poll(shown).toEqual([`${id} RUNNING`]);
  }
  (await server.asked(3)).answer(runs("RUNNING", ["d"]));
  await expect.poll(shown).toEqual(["d RUNNING"]);
  expect(server.questions.map(({ given }) => given)).toEqual(Array(4).fill("answer"));
});

it("shows a row once that waits and comes with the next page", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["a"], "cursor"));
  await expect.poll(shown).toEqual(["a RUNNING"]);
  pages.upsert({ id: "b", status: "RUNNING" }, true);
  pages.more();
  (await server.asked(1)).answer(runs("RUNNING", ["b", "c"]));
  await expect.poll(shown).toEqual(["a RUNNING", "b RUNNING", "c RUNNING"]);
  expect(pages.waiting()).toBe(0);
});

it("looks again: rows change where they are, new ones wait, and what lies further down stays", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["c", "b"], "cursor"));
  await expect.poll(shown).toEqual(["c RUNNING", "b RUNNING"]);
  pages.more();
  (await server.asked(1)).answer(runs("RUNNING", ["a"]));
  await expect.poll(shown).toEqual(["c RUNNING", "b RUNNING", "a RUNNING"]);
  pages.look();
  (await server.asked(2)).answer(runs("FAILED", ["e", "d", "c"], "cursor"));
  await expect.poll(pages.waiting).toBe(2);
  expect(shown()).toEqual(["c FAILED", "b RUNNING", "a RUNNING"]);
  pages.showWaiting();
  expect(shown()).toEqual(["e FAILED", "d FAILED", "c FAILED", "b RUNNING", "a RUNNING"]);
});

it("reads the list anew when more came than a look shows", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["a"]));
  await expect.poll(shown).toEqual(["a RUNNING"]);
  pages.look();
  (await server.asked(1)).answer(runs("RUNNING", ["z", "y"], "cursor"));
  (await server.asked(2)).answer(runs("RUNNING", ["z", "y"], "cursor"));
  await expect.poll(shown).toEqual(["z RUNNING", "y RUNNING"]);
  expect(pages.waiting()).toBe(0);
});

it("shows at once what comes into an empty list: there is nothing that could move", async () => {
  const { server, pages, shown } = openList("RUNNING");
  pages.upsert({ id: "early", status: "RUNNING" }, true);
  expect(shown()).toEqual([]);
  (await server.asked(0)).answer(runs("RUNNING", []));
  await expect.poll(shown).toEqual(["early RUNNING"]);
  pages.upsert({ id: "late", status: "RUNNING" }, true);
  expect([shown(), pages.waiting()]).toEqual([["early RUNNING"], 1]);
});

it("asks again by itself for the page that the network took", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["a"], "cursor"));
  await expect.poll(shown).toEqual(["a RUNNING"]);
  pages.more();
  const lost = await server.asked(1);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  lost.lose();
  await expect.poll(() => pages.problem()?.code).toBe("NETWORK");
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  (await server.asked(2)).answer(runs("RUNNING", ["b"]));
  await expect.poll(shown).toEqual(["a RUNNING", "b RUNNING"]);
  expect(pages.problem()).toBeUndefined();
});

it("loads the next page that was asked for while the list was read again", async () => {
  const { server, pages, shown } = openList("RUNNING");
  (await server.asked(0)).answer(runs("RUNNING", ["a"], "1"));
  await expect.poll(shown).toEqual(["a RUNNING"]);
  pages.reload();
  const again = await server.asked(1);
  pages.more();
  again.answer(runs("RUNNING", ["a"], "1"));
  const next = await server.asked(2);
  expect(next.variables).toMatchObject({ after: "1" });
  next.answer(runs("RUNNING", ["b"]));
  await expect.poll(shown).toEqual(["a RUNNING", "b RUNNING"]);
});
