import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { afterAll, expect, test } from "vitest";
import {
  authenticate,
  authenticateToken,
  decide,
  PERMISSIONS,
  type Permission,
  rotateSigningKey,
} from "../account/index.ts";
import { type Actor, SYSTEM, type TokenPermission } from "../actor.ts";
import { appendAgentExecutionEvents, finishAgentExecution } from "../agent/index.ts";
import { createStreams } from "./streams.ts";
import { seedStory } from "./testing/seed.ts";
import { createStreamToken } from "./tokens.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const streams = createStreams(ctx, { recheckHeadsMs: 600_000, recheckAccessMs: 600_000 });
afterAll(() => streams.close());

const story = await seedStory(ctx);
const other = await seedStory(ctx);
const target = { kind: "agent_execution", id: story.executionId } as const;
const make = (actor: Actor, permissions: readonly TokenPermission[], expiresIn?: number) =>
  createStreamToken(ctx, actor, { target, permissions, expiresIn });
const permissions = Object.keys(PERMISSIONS) as Permission[];

test("a token that reads opens its one stream, and every other decision is against it", async () => {
  const { actor: issuer } = await makePerson(ctx, { [story.projectId]: "owner", [other.projectId]: "owner" });
  const actor = await authenticate(ctx, (await make(issuer, ["read"])).token);
  const reader = await streams.open({ kind: "agent_execution", id: story.execution, actor });
  expect(await reader.next()).toMatchObject({ done: false });
  await reader.return();
  for (const open of [
    { kind: "agent_execution", id: other.execution },
    { kind: "project", id: story.project },
    { kind: "project", id: other.project },
  ] as const) {
    await expect(streams.open({ ...open, actor })).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  for (const permission of permissions) {
    expect(await decide(ctx, actor, story.projectId, permission)).toBe("unknown");
    const on = await decide(ctx, actor, story.projectId, permission, target);
    expect([permission, on]).toEqual([permission, permission === "agent.read" ? "allowed" : "forbidden"]);
  }
  const append = appendAgentExecutionEvents(ctx, actor, { id: story.executionId, events: [] });
  await expect(append).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(make(actor, ["read"])).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("a token that appends writes to its one run and ends it, and reads nothing", async () => {
  const ci = await seedStory(ctx);
  const { actor: key } = await makeKey(ctx, ci.projectId, ["agent:write"]);
  const run = { kind: "agent_execution", id: ci.executionId } as const;
  const made = await createStreamToken(ctx, key, {
    target: run,
    permissions: ["append"],
    expiresIn: 86_400,
  });
  const actor = await authenticate(ctx, made.token);
  const open = streams.open({ kind: "agent_execution", id: ci.execution, actor });
  await expect(open).rejects.toMatchObject({ code: "FORBIDDEN" });
  const foreign = appendAgentExecutionEvents(ctx, actor, { id: other.executionId, events: [] });
  await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await appendAgentExecutionEvents(ctx, actor, { id: ci.executionId, events: [] })).toMatchObject({
    status: "running",
  });
  // A new signing key does not cut it short, however long the job takes.
  await rotateSigningKey(ctx, SYSTEM);
  clock.advance(86_000_000);
  expect(await authenticate(ctx, made.token)).toEqual(actor);
  expect(await finishAgentExecution(ctx, actor, { id: ci.executionId, status: "completed" })).toMatchObject({
    status: "completed",
  });
  const late = createStreamToken(ctx, key, { target: run, permissions: ["append"] });
  await expect(late).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a token ends by itself, and is never taken for an access token nor the reverse", async () => {
  const { actor: issuer, accessToken } = await makePerson(ctx, { [story.projectId]: "viewer" });
  const { token, expiresAt } = await make(issuer, ["read"], 60);
  expect(await authenticateToken(ctx, token)).toMatchObject({ actor: { type: "token", issuer }, expiresAt });
  const [header = "", body = "", signature = ""] = token.split(".");
  const [accessHeader = "", accessBody = "", accessSignature = ""] = accessToken.split(".");
  for (const mixed of [
    `${accessHeader}.${body}.${signature}`,
    `${header}.${accessBody}.${accessSignature}`,
    `${header}.${accessBody}.${signature}`,
    `${header}.${body}.${accessSignature}`,
  ]) {
    await expect(authenticate(ctx, mixed)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  }
  clock.advance(60_000);
  await expect(authenticate(ctx, token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test.each(["session", "key", "membership"] as const)(
  "a lost %s ends the token and what it has open",
  async (what) => {
    const person = await makePerson(ctx, { [story.projectId]: "viewer" });
    const key = await makeKey(ctx, story.projectId, ["agent:read"]);
    const { token } = await make(what === "key" ? key.actor : person.actor, ["read"]);
    const actor = await authenticate(ctx, token);
    const reader = await streams.open({ kind: "agent_execution", id: story.execution, actor });
    await reader.next();
    const end = reader.next().catch((error: unknown) => error);
    const at = { revokedAt: clock.now() };
    const { userId, sessionId } = person.actor;
    if (what === "session") await ctx.db.session.update({ where: { id: sessionId }, data: at });
    else if (what === "key") await ctx.db.apiKey.update({ where: { id: key.actor.keyId }, data: at });
    else await ctx.db.projectMember.deleteMany({ where: { userId } });
    ctx.bus.accessChanged();
    expect(await end).toMatchObject({ code: what === "membership" ? "FORBIDDEN" : "UNAUTHENTICATED" });
    if (what === "membership") {
      expect(await decide(ctx, actor, story.projectId, "agent.read", target)).toBe("unknown");
    } else {
      await expect(authenticate(ctx, token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    }
  },
);

test("nobody gives what he does not have, and no longer than allowed", async () => {
  const { actor: viewer } = await makePerson(ctx, { [story.projectId]: "viewer" });
  const { actor: stranger } = await makePerson(ctx);
  const { actor: developer } = await makePerson(ctx, { [story.projectId]: "developer" });
  await expect(make(viewer, ["append"])).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(make(stranger, ["read"])).rejects.toMatchObject({ code: "NOT_FOUND" });
  const wrong: [TokenPermission[], number][] = [
    [["read"], 3_601],
    [["read", "append"], 3_601],
    [["append"], 86_401],
    [["append"], 0],
    [[], 60],
  ];
  for (const [names, seconds] of wrong) {
    await expect(make(developer, names, seconds)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  await ctx.db.agentExecution.update({ where: { id: other.executionId }, data: { external: false } });
  const { actor } = await makePerson(ctx, { [other.projectId]: "owner" });
  const internal = createStreamToken(ctx, actor, {
    target: { ...target, id: other.executionId },
    permissions: ["append"],
  });
  await expect(internal).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
