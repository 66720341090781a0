/**
 * Holes that subscriptions of other GraphQL servers had in 2026, as tests of ours: tokens of sockets that were not
 * verified, `connection_init` left out, a filter that held for the first event of a batch only, page sizes that cost
 * nothing, streams that went on for people who were gone.
 */
import { encodeId, record, SYSTEM, transact } from "@shiplog/core";
import { createStreams } from "@shiplog/core/live";
import { removeProjectMember } from "@shiplog/core/project";
import { makeWorld } from "@shiplog/schema/testing/world";
import { afterAll, expect, test } from "vitest";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { makeKey, makePerson } from "../people.ts";
import { connectSocket, openSocket } from "../socket.ts";
import { startSharingServer } from "./server.ts";

const ctx = await makeContext(await testDatabase());
const world = await makeWorld(ctx);
const { ours, theirs } = world;
const streams = createStreams(ctx);
const server = await startSharingServer(ctx, streams);
afterAll(async () => {
  await server.stop();
  streams.close();
});

const project = encodeId("Project", ours.projectId);
const EVENTS = `subscription ($id: ID!) { batch: projectEvents(projectId: $id, tail: 0) { events { seq
  ... on AgentExecutionChanged { execution { id taskDescription } } } } }`;

const join = async (actor: Parameters<typeof server.token>[0]) =>
  connectSocket(server.url, { params: { authorization: server.token(actor) } });

const changed = (executionIds: readonly string[]) =>
  transact(
    ctx,
    async (tx) =>
      void record(tx, {
        kind: "project",
        streamId: ours.projectId,
        projectId: ours.projectId,
        events: executionIds.map((executionId) => ({
          type: "AgentExecutionChanged",
          data: { executionId, status: "running", title: "t" },
        })),
      }),
  );

test("a token that nobody signed opens no socket", async () => {
  const forged = ["alg-none.e30.", "a.b.c", "", "null"];
  for (const authorization of forged) {
    const client = await openSocket(server.url, { params: { authorization } });
    expect([4401, 4403]).toContain((await client.closed).code);
  }
});

test("without connection_init nothing runs", async () => {
  const client = await openSocket(server.url, { params: false });
  const operation = client.subscribe(EVENTS, { id: project });
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(await operation.next()).toBeNull();
});

test("the filter holds for every event of a batch, shared or not", async () => {
  const [person, key] = [world.people.viewer, await makeKey(ctx, ours.projectId, ["activity:read"])];
  const operations = await Promise.all(
    [person, key.actor].map(async (actor) => {
      const operation = (await join(actor)).subscribe(EVENTS, { id: project });
      await operation.data();
      return operation;
    }),
  );
  await changed([ours.executionId, theirs.executionId, ours.retryId, theirs.retryId]);
  const seen = await Promise.all(
    operations.map(async (operation) => {
      const { batch } = await operation.data<{ batch: { events: { execution: { id: string } | null }[] } }>();
      return batch.events.map(({ execution }) => execution?.id ?? null);
    }),
  );
  const [first, second] = [ours.executionId, ours.retryId].map((id) => encodeId("AgentExecution", id));
  expect(seen[0]).toEqual([first, null, second, null]);
  expect(seen[1]).toEqual([null, null, null, null]);
});

test("a page size counts in a subscription, given as a variable, too", async () => {
  const client = await join(world.people.viewer);
  const document = `subscription ($id: ID!, $n: Int) { projectEvents(projectId: $id, tail: 0) { events { seq
    ... on AIActivitiesRecorded { activities(first: $n) { codeChanges { path } } } } } }`;
  const code = async (n: number) => {
    const message = await client.subscribe(document, { id: project, n }).next();
    return message?.type === "error" ? message.payload[0]?.extensions?.code : message?.type;
  };
  expect(await code(1)).toBe("next");
  expect(await code(100)).toBe("QUERY_TOO_COMPLEX");
  await client.close();
});

test("nothing comes after a person was removed or disabled, or a key revoked", async () => {
  const [removed, disabled] = await Promise.all(
    [1, 2].map(() => makePerson(ctx, { [ours.projectId]: "viewer" })),
  );
  const key = await makeKey(ctx, ours.projectId, ["agent:read"]);
  const actors = [removed!.actor, disabled!.actor, key.actor];
  const opened = await Promise.all(
    actors.map(async (actor) => {
      const client = await join(actor);
      const operation = client.subscribe(EVENTS, { id: project });
      await operation.data();
      return { client, operation };
    }),
  );
  await removeProjectMember(ctx, SYSTEM, { projectId: ours.projectId, userId: removed!.actor.userId });
  await ctx.db.user.update({ where: { id: disabled!.actor.userId }, data: { disabledAt: ctx.clock.now() } });
  await ctx.db.apiKey.update({ where: { id: key.actor.keyId }, data: { revokedAt: ctx.clock.now() } });
  ctx.bus.accessChanged();
  expect(await opened[0]!.operation.next()).toMatchObject({
    type: "error",
    payload: [{ extensions: { code: "FORBIDDEN" } }],
  });
  expect(await opened[1]!.client.closed).toMatchObject({ code: 4401 });
  expect(await opened[2]!.client.closed).toMatchObject({ code: 4401 });
  await changed([ours.executionId]);
  for (const { operation } of opened) expect(await operation.messages.size).toBe(0);
  await opened[0]!.client.close();
});
