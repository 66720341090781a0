import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { queryRaw, sql } from "@shiplog/db";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { makePerson } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const failures: string[] = [];
const quiet = {
  debug() {},
  info() {},
  warn() {},
  error: (_: object, text: string) => void failures.push(text),
};
const edge = await startEdge(database, {}, { log: quiet });
afterAll(() => edge.stop());

it("says that it cannot be had while the database is away, so that clients come back, and event sources too", async () => {
  const project = await createProject(edge.ctx, SYSTEM, { name: "Outage" });
  const { accessToken } = await makePerson(edge.ctx, { [project.id]: "viewer" });
  const query = "subscription($id: ID!) { projectEvents(projectId: $id) { cursor } }";
  const variables = { id: encodeId("Project", project.id) };
  const asked = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const bearer = { authorization: `Bearer ${accessToken}` };
  const cookie = { cookie: `shiplog_at=${accessToken}`, "sec-fetch-site": "same-origin" };
  const follow = (headers: Record<string, string>) =>
    fetch(`${edge.url}/graphql?${asked}`, { headers: { accept: "text/event-stream", ...headers } });
  const post = (body: object, accept: string) =>
    fetch(`${edge.url}/graphql`, {
      method: "POST",
      headers: { accept, "content-type": "application/json", ...bearer },
      body: JSON.stringify(body),
    });
  const open = await follow(cookie);
  expect(open.status).toBe(200);
  await open.body?.cancel();
  await database.away(true);
  for (const credential of [bearer, cookie]) {
    const answer = await follow(credential);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^retry: \d+\n\n$/);
  }
  const streamed = await post({ query, variables }, "text/event-stream");
  expect([streamed.status, streamed.headers.get("retry-after")]).toEqual([503, "1"]);
  await expect(connectSocket(`${edge.url}/graphql`, { params: bearer })).rejects.toThrow(/"code":1013/);
  expect(failures).toEqual([]);
  const asksOnce = await post({ query: "{ viewer { isAdmin } }" }, "application/json");
  expect([asksOnce.status, asksOnce.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await asksOnce.json()).toMatchObject({ errors: [{ extensions: { code: "UNAVAILABLE" } }] });
  await database.away(false);
  expect((await post({ query: "{ viewer { isAdmin } }" }, "application/json")).status).toBe(200);
});

it("says so too when the database goes away in the middle of an operation, and calls it no failure of its own", async () => {
  const project = await createProject(edge.ctx, SYSTEM, { name: "Cut" });
  const { accessToken } = await makePerson(edge.ctx, { [project.id]: "viewer" });
  const answer = await database.db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE project IN ACCESS EXCLUSIVE MODE`;
    const asked = fetch(`${edge.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({
        query: "query($id: ID!) { node(id: $id) { ... on Project { name } } }",
        variables: { id: encodeId("Project", project.id) },
      }),
    });
    const cut = () =>
      queryRaw(
        database.db,
        sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    await until(async () => (await cut()).length > 0);
    return asked;
  });
  expect(await answer.json()).toMatchObject({
    errors: [{ path: ["node"], extensions: { code: "UNAVAILABLE" } }],
  });
  expect(failures).toEqual([]);
});
