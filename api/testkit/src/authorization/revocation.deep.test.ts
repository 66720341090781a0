import { SYSTEM, type TokenPermission, type UserActor } from "@shiplog/core";
import {
  authenticate,
  createApiKey,
  endSessions,
  invalidateSession,
  type Role,
  revokeApiKey,
  SCOPES,
  updateUser,
} from "@shiplog/core/account";
import { createStreamToken } from "@shiplog/core/live";
import { type Story, seedStory } from "@shiplog/core/live/testing";
import { removeProjectMember, updateProjectMember } from "@shiplog/core/project";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { testDatabase } from "../database.ts";
import { makeKey, makePerson } from "../people.ts";
import { cleanUp } from "../process.ts";
import { connectSocket, type SocketClient, type SocketOperation } from "../socket.ts";

const SOCKETS = 200;
const FOLLOW = `subscription ($id: ID!) { batch: agentExecutionEvents(id: $id, tail: 0) { events { seq } } }`;
const SEE = "query ($id: ID!) { it: agentExecution(id: $id) { __typename } }";
const BEAT = `mutation ($id: ID!) { it: appendAgentExecutionEvents(input: {id: $id, events: []}) { __typename } }`;
const BEAT_TAKEN = "AppendAgentExecutionEventsPayload";

let cluster: Cluster;
let story: Story;

beforeAll(async () => {
  const { url: databaseUrl } = await testDatabase();
  cluster = await startCluster({ databaseUrl, bus: "PostgreSQL", servers: 2, worker: false });
  story = await seedStory(cluster.ctx);
}, 120_000);
afterAll(async () => {
  await cluster?.stop();
  await cleanUp();
});

interface Follower {
  readonly client: SocketClient;
  readonly operation: SocketOperation;
}

/** So many streams with one credential, at both servers in turn. */
async function follow(token: string, count: number): Promise<Follower[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const url = `${cluster.urls[index % cluster.urls.length]}/graphql`;
      const client = await connectSocket(url, { params: { authorization: `Bearer ${token}` } });
      const operation = client.subscribe(FOLLOW, { id: story.execution });
      await operation.data();
      return { client, operation };
    }),
  );
}

/** When its stream ended (ms of the monotonic clock), and how. */
interface End {
  readonly at: number;
  readonly how: number | string;
}

async function endOf({ client, operation }: Follower): Promise<End> {
  const closed = client.closed.then(({ code }) => code);
  const refused = async (): Promise<number | string> => {
    const message = await operation.next();
    return message?.type === "error" ? String(message.payload[0]?.extensions?.code) : closed;
  };
  const how = await Promise.race([closed, refused()]);
  return { at: performance.now(), how };
}

/** What each server answers over HTTP: the type of what came back, or the status that refused the credential. */
async function answers(token: string, query: string): Promise<string[]> {
  const ask = async (url: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ query, variables: { id: story.execution } }),
    });
    if (response.status !== 200) return String(response.status);
    const { data } = (await response.json()) as { data: { it: { __typename: string } | null } };
    return data.it?.__typename ?? "null";
  };
  return Promise.all(cluster.urls.map(ask));
}

/** The status of a route that starts a run. */
async function analyses(token: string): Promise<number[]> {
  const ask = async (url: string) => {
    const response = await fetch(`${url}/api/v1/agents/analyze`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ projectId: story.project }),
    });
    return response.status;
  };
  return Promise.all(cluster.urls.map(ask));
}

/** A way to lose access. */
interface Loss {
  readonly name: string;
  readonly token: string;
  lose(): Promise<unknown>;
  /** How its streams end: a code of an operation's error, or of the socket's close. */
  readonly how: number | string;
  /** What is asked over HTTP, and what comes before and after. */
  readonly query: string;
  readonly before: string;
  readonly after: string;
}

/** Each of the losses ends its own streams on both servers within a second, at once over HTTP; `stays` goes on. */
async function expectLosses(losses: readonly Loss[], stays: string): Promise<void> {
  const each = Math.floor(SOCKETS / (losses.length + 1));
  const followers = new Map<Loss, Follower[]>();
  for (const loss of losses) followers.set(loss, await follow(loss.token, each));
  const remaining = await follow(stays, each);
  const delays: number[] = [];
  for (const [{ name, token, lose, how, query, before, after }, lost] of followers) {
    expect([name, await answers(token, query)]).toEqual([name, cluster.urls.map(() => before)]);
    const ends = lost.map(endOf);
    await lose();
    const committed = performance.now();
    expect([name, await answers(token, query)]).toEqual([name, cluster.urls.map(() => after)]);
    const all = await Promise.all(ends);
    expect([name, ...new Set(all.map((end) => end.how))]).toEqual([name, how]);
    delays.push(...all.map(({ at }) => at - committed));
  }
  delays.sort((a, b) => a - b);
  const worst = delays.at(-1) ?? Number.NaN;
  console.log(
    `a loss reached ${delays.length} streams; median ${delays[delays.length >> 1]} ms, worst ${worst} ms`,
  );
  expect(worst).toBeLessThan(1_000);
  const last = await story.append(1);
  for (const { operation } of remaining) {
    const { batch } = await operation.data<{ batch: { events: { seq: number }[] } }>();
    expect(batch.events.map(({ seq }) => seq)).toEqual([last]);
  }
  const lost = [...followers.values()].flat();
  for (const { operation } of lost) expect(operation.messages.size).toBe(0);
  await Promise.all([...lost, ...remaining].map(({ client }) => client.close()));
}

const person = (role: Role) => makePerson(cluster.ctx, { [story.projectId]: role });
const remove = ({ userId }: UserActor) =>
  removeProjectMember(cluster.ctx, SYSTEM, { projectId: story.projectId, userId });

async function disable({ userId }: UserActor): Promise<void> {
  const { actor } = await makePerson(cluster.ctx, {}, { isAdmin: true });
  await updateUser(cluster.ctx, actor, { id: userId, isDisabled: true });
}

/** A key of the person himself: its text and the actor it stands for. */
async function personalKey(actor: UserActor) {
  const input = { projectId: null, name: "Personal", scopes: SCOPES };
  const { secret } = await createApiKey(cluster.ctx, actor, input);
  return { secret, actor: await authenticate(cluster.ctx, secret) };
}

async function tokenOf(
  issuer: Awaited<ReturnType<typeof authenticate>>,
  permissions: TokenPermission[] = ["read", "append"],
): Promise<string> {
  if (!issuer) throw new Error("nobody to issue a token");
  const target = { kind: "agent_execution", id: story.executionId } as const;
  return (await createStreamToken(cluster.ctx, issuer, { target, permissions })).token;
}

test("membership, session, account, key: a loss reaches 200 streams of two servers and HTTP within a second", async () => {
  const { ctx } = cluster;
  const [removed, out, disabled, stays] = await Promise.all([
    person("viewer"),
    person("viewer"),
    person("viewer"),
    person("viewer"),
  ]);
  const key = await makeKey(ctx, story.projectId, ["agent:read"]);
  const seen = { query: SEE, before: "AgentExecution" };
  const losses: Loss[] = [
    {
      ...seen,
      name: "removed",
      token: removed.accessToken,
      lose: () => remove(removed.actor),
      how: "FORBIDDEN",
      after: "null",
    },
    {
      ...seen,
      name: "logged out",
      token: out.accessToken,
      lose: () => invalidateSession(ctx, out.actor.sessionId),
      how: 4401,
      after: "401",
    },
    {
      ...seen,
      name: "disabled",
      token: disabled.accessToken,
      lose: () => disable(disabled.actor),
      how: 4401,
      after: "401",
    },
    {
      ...seen,
      name: "key revoked",
      token: key.secret,
      lose: () => revokeApiKey(ctx, SYSTEM, { id: key.actor.keyId }),
      how: 4401,
      after: "401",
    },
  ];
  await expectLosses(losses, stays.accessToken);
}, 120_000);

test("a stream token ends with what its issuer loses: membership, every session, the account, the key", async () => {
  const { ctx } = cluster;
  const [removed, out, disabled, keyed, stays] = await Promise.all([
    person("developer"),
    person("developer"),
    person("developer"),
    person("developer"),
    person("developer"),
  ]);
  const key = await makeKey(ctx, story.projectId, ["agent:write"]);
  const own = await personalKey(keyed.actor);
  const streamed = { query: BEAT, before: BEAT_TAKEN };
  const losses: Loss[] = [
    {
      ...streamed,
      name: "issuer removed",
      token: await tokenOf(removed.actor),
      lose: () => remove(removed.actor),
      how: "FORBIDDEN",
      after: "NotFoundError",
    },
    {
      ...streamed,
      name: "issuer of a personal key removed",
      token: await tokenOf(own.actor),
      lose: () => remove(keyed.actor),
      how: "FORBIDDEN",
      after: "NotFoundError",
    },
    {
      ...streamed,
      name: "issuer logged out everywhere",
      token: await tokenOf(out.actor),
      lose: () => endSessions(ctx, out.actor, { keepThis: false }),
      how: 4401,
      after: "401",
    },
    {
      ...streamed,
      name: "issuer disabled",
      token: await tokenOf(disabled.actor),
      lose: () => disable(disabled.actor),
      how: 4401,
      after: "401",
    },
    {
      ...streamed,
      name: "issuing key revoked",
      token: await tokenOf(key.actor),
      lose: () => revokeApiKey(ctx, SYSTEM, { id: key.actor.keyId }),
      how: 4401,
      after: "401",
    },
  ];
  await expectLosses(losses, await tokenOf(stays.actor));
}, 120_000);

/** The seqs that come until this one. */
async function seqsUntil({ operation }: Follower, last: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.at(-1) !== last) {
    const { batch } = await operation.data<{ batch: { events: { seq: number }[] } }>();
    seqs.push(...batch.events.map(({ seq }) => seq));
  }
  return seqs;
}

test("a lower role takes what it no longer has at once, and leaves 200 streams that it still may read without a gap", async () => {
  const { ctx } = cluster;
  const { projectId } = story;
  const path = process.cwd();
  await ctx.db.projectWorkspace.create({ data: { projectId, path, createdAt: ctx.clock.now() } });
  const people = await Promise.all([
    person("developer"),
    person("maintainer"),
    person("developer"),
    person("developer"),
    person("developer"),
  ]);
  const [developer, maintainer, keyed, reads, writes] = people;
  const credentials = {
    "a developer's session": developer.accessToken,
    "a maintainer's session": maintainer.accessToken,
    "a developer's key": (await personalKey(keyed.actor)).secret,
    "a developer's token that reads": await tokenOf(reads.actor, ["read"]),
    "a developer's token that reads and appends": await tokenOf(writes.actor),
  };
  const tokens = Object.values(credentials);
  const followers = (await Promise.all(tokens.map((token) => follow(token, SOCKETS / 5)))).flat();
  const may = async () => ({
    runs: await Promise.all(tokens.slice(0, 3).map(analyses)),
    appends: await Promise.all(tokens.map((token) => answers(token, BEAT))),
  });
  const both = <T>(answer: T) => cluster.urls.map(() => answer);
  expect(await may()).toEqual({
    runs: tokens.slice(0, 3).map(() => both(202)),
    appends: tokens.map((_, at) => both(at === 3 ? "ForbiddenError" : BEAT_TAKEN)),
  });
  const before = await story.append(1);
  for (const { actor } of people) {
    await story.append(2);
    await updateProjectMember(ctx, SYSTEM, { projectId, userId: actor.userId, role: "viewer" });
    await story.append(2);
  }
  expect(await may()).toEqual({
    runs: tokens.slice(0, 3).map(() => both(403)),
    appends: tokens.map(() => both("ForbiddenError")),
  });
  const last = await story.append(1);
  const expected = Array.from({ length: last - before + 1 }, (_, at) => before + at);
  const received = await Promise.all(followers.map((follower) => seqsUntil(follower, last)));
  for (const seqs of received) expect(seqs).toEqual(expected);
  expect(await Promise.all(tokens.slice(0, 3).map((token) => answers(token, SEE)))).toEqual(
    [0, 1, 2].map(() => both("AgentExecution")),
  );
  await Promise.all(followers.map(({ client }) => client.close()));
}, 120_000);
