import { createSignal } from "solid-js";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Doc } from "./client.ts";
import { createQuery } from "./query.ts";
import { onPage, playServer } from "./testing/server.ts";

interface Build {
  build: { id: string; status: string; jobs: { id: string; status: string }[] };
}
const DOCUMENT =
  `query Build($id: ID!) { build(id: $id) { id status jobs { id status } } }` as unknown as Doc<
    Build,
    { id: string }
  >;
const build = (status: string, job: string, id = "b"): Build => ({
  build: { id, status, jobs: [{ id: "j", status: job }] },
});

it("keeps what events changed while an older answer was on its way", async () => {
  const server = playServer();
  const query = onPage(() => createQuery(DOCUMENT, () => ({ id: "b" })));
  (await server.asked(0)).answer(build("RUNNING", "RUNNING"));
  await expect.poll(query.loading).toBe(false);
  query.refetch();
  const slow = await server.asked(1);
  query.patch((data) => {
    for (const job of data.build.jobs) job.status = "SUCCESS";
  });
  slow.answer(build("WAITING", "RUNNING"));
  await expect.poll(query.loading).toBe(false);
  expect(query.data()?.build).toMatchObject({ status: "WAITING", jobs: [{ status: "SUCCESS" }] });
  // It was older than that answer, not than the next.
  query.refetch();
  (await server.asked(2)).answer(build("RUNNING", "RUNNING"));
  await expect.poll(query.loading).toBe(false);
  expect(query.data()?.build).toMatchObject({ jobs: [{ status: "RUNNING" }] });
});

it("applies to the first answer what came before it, and nothing to another object", async () => {
  const server = playServer();
  const [id, setId] = createSignal("c");
  const query = onPage(() => createQuery(DOCUMENT, () => ({ id: id() })));
  const end = () =>
    query.patch((data) => {
      data.build.status = "SUCCESS";
    });
  const first = await server.asked(0);
  expect(query.data()).toBeUndefined();
  end();
  first.answer(build("RUNNING", "RUNNING", "c"));
  await expect.poll(() => query.data()?.build.status).toBe("SUCCESS");
  query.refetch();
  await server.asked(1);
  end();
  setId("d");
  (await server.asked(2)).answer(build("RUNNING", "RUNNING", "d"));
  await expect.poll(query.loading).toBe(false);
  expect(query.data()?.build).toMatchObject({ id: "d", status: "RUNNING" });
});

it("has an answer however often it is asked again meanwhile, and asks once more after it", async () => {
  const server = playServer();
  const query = onPage(() => createQuery(DOCUMENT, () => ({ id: "b" })));
  const statuses = ["QUEUED", "RUNNING", "WAITING"];
  for (const [nth, status] of statuses.entries()) {
    const question = await server.asked(nth);
    for (let changes = 0; changes < 5; changes++) query.refetch();
    question.answer(build(status, status));
    await expect.poll(() => query.data()?.build.status).toBe(status);
    expect(query.loading()).toBe(true);
  }
  (await server.asked(3)).answer(build("SUCCESS", "SUCCESS"));
  await expect.poll(query.loading).toBe(false);
  expect(query.data()?.build.status).toBe("SUCCESS");
  expect(server.questions.map(({ given }) => given)).toEqual(Array(4).fill("answer"));
});

it("does not wait for ever for an answer that holds up the next question", async () => {
  const server = playServer();
  const query = onPage(() => createQuery(DOCUMENT, () => ({ id: "b" })));
  await server.asked(0);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  query.refetch();
  vi.advanceTimersByTime(30_000);
  vi.useRealTimers();
  (await server.asked(1)).answer(build("SUCCESS", "SUCCESS"));
  await expect.poll(() => query.data()?.build.status).toBe("SUCCESS");
  expect(server.questions.map(({ given }) => given)).toEqual(["up", "answer"]);
});

it("asks again by itself when the server could not be reached, also when nothing else happens", async () => {
  const server = playServer();
  const query = onPage(() => createQuery(DOCUMENT, () => ({ id: "b" })));
  (await server.asked(0)).answer(build("RUNNING", "RUNNING"));
  await expect.poll(query.loading).toBe(false);
  query.refetch();
  const lost = await server.asked(1);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  lost.lose();
  await expect.poll(() => query.problem()?.code).toBe("NETWORK");
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  (await server.asked(2)).answer(build("SUCCESS", "SUCCESS"));
  await expect.poll(() => query.data()?.build.status).toBe("SUCCESS");
  expect(query.problem()).toBeUndefined();
});
