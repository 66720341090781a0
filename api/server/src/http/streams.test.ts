import { createRateLimits, encodeId, SYSTEM } from "@shiplog/core";
import { rotateSigningKey } from "@shiplog/core/account";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const limits = createRateLimits({ limit: 20, databaseUrl: database.url });
const edge = await startEdge(database, {}, { limits });
afterAll(async () => {
  await edge.stop();
  await limits.stop();
});
const { ctx, url } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Streams" });
const id = encodeId("Project", project.id);
const FOLLOW = "subscription($id: ID!) { projectEvents(projectId: $id) { cursor } }";
const connect = (authorization: string) => connectSocket(`${url}/graphql`, { params: { authorization } });

it("a signing key that is replaced at once ends what its tokens opened, by socket and event stream", async () => {
  const person = await makePerson(ctx, { [project.id]: "developer" });
  const { secret } = await makeKey(ctx, project.id, ["project:read"]);
  const [client, bystander] = [await connect(person.accessToken), await connect(secret)];
  await client.subscribe(FOLLOW, { id }).data();
  const kept = bystander.subscribe(FOLLOW, { id });
  await kept.data();
  const asked = new URLSearchParams({ query: FOLLOW, variables: JSON.stringify({ id }) });
  const events = await fetch(`${url}/graphql?${asked}`, {
    headers: { authorization: `Bearer ${person.accessToken}`, accept: "text/event-stream" },
  });
  expect(events.status).toBe(200);
  await rotateSigningKey(ctx, SYSTEM);
  client.send({ type: "ping" });
  expect(await client.control.next()).toEqual({ type: "pong" });
  await rotateSigningKey(ctx, SYSTEM, { immediately: true });
  // With a new token he may come back: his session is as good as before.
  expect(await client.closed).toMatchObject({ code: 4403 });
  expect(await events.text()).not.toContain("event: complete");
  bystander.send({ type: "ping" });
  expect(await bystander.control.next()).toEqual({ type: "pong" });
  await bystander.close();
});

it("whoever has used up his points gets no new text looked at, and what is known still runs", async () => {
  const { secret } = await makeKey(ctx, project.id, ["project:read"]);
  const client = await connect(secret);
  await client.subscribe(FOLLOW, { id }).data();
  const post = () =>
    fetch(`${url}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ query: "{ nothing }" }),
    });
  const statuses = await Promise.all(Array.from({ length: 25 }, async () => (await post()).status));
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  await client.subscribe(FOLLOW, { id }).data();
  // It is not even valid, which nobody finds out.
  const answer = await client.subscribe("subscription { nothing }", {}).next();
  expect(answer).toMatchObject({ type: "error", payload: [{ extensions: { code: "TOO_MANY_REQUESTS" } }] });
  await client.close();
});

it("each new text costs a request, and one that is known a stream only", async () => {
  const { secret } = await makeKey(ctx, project.id, ["project:read"]);
  const client = await connect(secret);
  const begin = async (name: string) => {
    const query = FOLLOW.replace("subscription", `subscription ${name}`);
    const operation = client.subscribe(query, { id });
    const message = await operation.next();
    operation.complete();
    return message?.type;
  };
  const known = [];
  for (let n = 0; n < 25; n++) known.push(await begin("Known"));
  expect(new Set(known)).toEqual(new Set(["next"]));
  const all = [];
  for (let n = 0; n < 25; n++) all.push(await begin(`New${n}`));
  expect(all.filter((type) => type === "next").length).toBe(19);
  await client.close();
});

it("a stream that is asked for by GET with broken variables is a bad request", async () => {
  const { secret } = await makeKey(ctx, project.id, ["project:read"]);
  const get = async (params: Record<string, string>) => {
    const response = await fetch(`${url}/graphql?${new URLSearchParams({ query: FOLLOW, ...params })}`, {
      headers: { authorization: `Bearer ${secret}`, accept: "text/event-stream" },
    });
    const code =
      response.status === 200
        ? null
        : ((await response.json()) as { errors: { extensions: { code: string } }[] });
    await response.body?.cancel().catch(() => {});
    return [response.status, code?.errors[0]?.extensions.code ?? null];
  };
  expect(await get({ variables: "{" })).toEqual([400, "BAD_REQUEST"]);
  expect(await get({ variables: JSON.stringify({ id }), extensions: "x" })).toEqual([400, "BAD_REQUEST"]);
  expect(await get({ variables: "[1]" })).toEqual([400, "BAD_REQUEST"]);
});
