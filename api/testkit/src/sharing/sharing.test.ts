import { encodeId, record, transact } from "@shiplog/core";
import { createStreams } from "@shiplog/core/live";
import { createSchema, isShared } from "@shiplog/schema";
import { fillProject } from "@shiplog/schema/testing/world";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { makeKey, makePerson } from "../people.ts";
import { connectSocket } from "../socket.ts";
import { startSharingServer } from "./server.ts";
import { compareShared } from "./sharing.ts";

const SEED = 20261122;
const database = await testDatabase();
const ctx = await makeContext(database);

test("what is made once for many is what each would get alone", () =>
  compareShared(ctx, { covers: ["Project", "User"], documents: 4, seed: SEED }));

const shared = (selection: string) =>
  isShared(
    createSchema(),
    parse(`subscription ($id: ID!) { projectEvents(projectId: $id) { events { ${selection} } } }`),
    null,
  );

test.each([
  ["an event's own fields", "seq at __typename ... on AgentExecutionChanged { status title }", true],
  [
    "objects of the project",
    "... on AgentExecutionChanged { execution { status createdBy { name } } }",
    true,
  ],
  ["a person's address", "... on AgentExecutionChanged { execution { createdBy { email } } }", false],
  ["the project with its members", "... on AgentExecutionChanged { execution { project { name } } }", false],
])("%s: shared or made for each", (_name, selection, expected) => {
  expect(shared(selection)).toBe(expected);
});

test("ten viewers with the same access cost one execution a batch; a field of the viewer costs ten", async () => {
  const ours = await fillProject(ctx, "counted", 1);
  const streams = createStreams(ctx);
  const server = await startSharingServer(ctx, streams);
  const people = await Promise.all(
    Array.from({ length: 10 }, () => makePerson(ctx, { [ours.projectId]: "viewer" })),
  );
  const owner = await makePerson(ctx, { [ours.projectId]: "owner" });
  const key = await makeKey(ctx, ours.projectId, ["agent:read"]);
  const open = async (actor: Parameters<typeof server.token>[0], selection: string) => {
    const client = await connectSocket(server.url, { params: { authorization: server.token(actor) } });
    const query = `subscription ($id: ID!) { projectEvents(projectId: $id, tail: 0) { cursor events { seq ${selection} } } }`;
    const operation = client.subscribe(query, { id: encodeId("Project", ours.projectId) });
    await operation.data();
    return { client, operation };
  };
  const measure = async (selection: string) => {
    const actors = [...people, owner].map(({ actor }) => actor);
    const opened = await Promise.all([...actors, key.actor].map((actor) => open(actor, selection)));
    const before = server.stats().executions;
    await transact(
      ctx,
      async (tx) =>
        void record(tx, {
          kind: "project",
          streamId: ours.projectId,
          projectId: ours.projectId,
          events: [
            {
              type: "AgentExecutionChanged",
              data: { executionId: ours.executionId, status: "running", title: "t" },
            },
          ],
        }),
    );
    await Promise.all(opened.map(({ operation }) => operation.data()));
    for (const { client } of opened) await client.close();
    return server.stats().executions - before;
  };
  // Viewers, the owner, the key.
  expect(await measure("... on AgentExecutionChanged { execution { status } }")).toBe(3);
  expect(await measure("... on AgentExecutionChanged { execution { createdBy { email } } }")).toBe(12);
  await server.stop();
  streams.close();
});
