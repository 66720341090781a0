import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { SYSTEM } from "../actor.ts";
import { createProject } from "../project/index.ts";
import {
  authenticate,
  createApiKey,
  decide,
  PERMISSIONS,
  type Permission,
  permittedProjects,
  revokeApiKey,
  rotateApiKey,
} from "./index.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const [one, two, three] = await Promise.all(
  ["One", "Two", "Three"].map((name) => createProject(ctx, SYSTEM, { name })),
);
if (!one || !two || !three) throw new Error("no projects");
const HOUR = 3_600_000;

const works = (secret: string) =>
  authenticate(ctx, secret).then(
    () => true,
    () => false,
  );

test("a person's key has his role in each of his projects, within its scopes, as it is now", async () => {
  const { actor } = await makePerson(ctx, { [one.id]: "owner", [two.id]: "viewer" }, { isAdmin: true });
  const { secret } = await createApiKey(ctx, actor, {
    projectId: null,
    name: "Mine",
    scopes: ["agent:write"],
  });
  const key = await authenticate(ctx, secret);
  expect(key).toMatchObject({ type: "key", userId: actor.userId, projectId: null });
  const powers = async (projectId: string) => {
    const all = Object.keys(PERMISSIONS) as Permission[];
    const decisions = await Promise.all(all.map((permission) => decide(ctx, key, projectId, permission)));
    return all.filter((_, at) => decisions[at] === "allowed");
  };
  expect(await powers(one.id)).toEqual(["project.read", "agent.read", "agent.write", "agent.append"]);
  expect(await powers(two.id)).toEqual(["project.read", "agent.read"]);
  expect(await decide(ctx, key, three.id, "project.read")).toBe("unknown");
  const names = async (permission: Permission) =>
    (
      await ctx.db.project.findMany({ where: permittedProjects(key, permission), orderBy: { name: "asc" } })
    ).map((project) => project.name);
  expect([await names("agent.read"), await names("agent.write")]).toEqual([["One", "Two"], ["One"]]);
  expect(await names("pipeline.read")).toEqual([]);
  await ctx.db.projectMember.deleteMany({ where: { userId: actor.userId, projectId: one.id } });
  expect(await decide(ctx, key, one.id, "agent.read")).toBe("unknown");
});

test("a person's key ends with the person", async () => {
  const make = async () => {
    const { actor } = await makePerson(ctx, { [one.id]: "viewer" });
    const made = await createApiKey(ctx, actor, { projectId: null, name: "x", scopes: ["agent:read"] });
    return { actor, ...made };
  };
  const [disabled, deleted] = [await make(), await make()];
  expect([await works(disabled.secret), await works(deleted.secret)]).toEqual([true, true]);
  await ctx.db.user.update({ where: { id: disabled.actor.userId }, data: { disabledAt: clock.now() } });
  await ctx.db.user.delete({ where: { id: deleted.actor.userId } });
  expect([await works(disabled.secret), await works(deleted.secret)]).toEqual([false, false]);
});

test("a key is of a project or of a person, never of both or neither", async () => {
  const { actor } = await makePerson(ctx, { [one.id]: "owner" });
  const { apiKey } = await createApiKey(ctx, actor, { projectId: one.id, name: "x", scopes: ["agent:read"] });
  for (const data of [{ userId: actor.userId }, { projectId: null }]) {
    await expect(ctx.db.apiKey.update({ where: { id: apiKey.id }, data })).rejects.toThrow("api_key_owner");
  }
});

test("after a rotation both keys work for the grace, then the new one alone", async () => {
  const expiresAt = new Date(clock.now().getTime() + 100 * HOUR);
  const input = { projectId: one.id, name: "CI", scopes: ["agent:write"], expiresAt };
  const old = await createApiKey(ctx, SYSTEM, input);
  clock.advance(10 * HOUR);
  const next = await rotateApiKey(ctx, SYSTEM, { id: old.apiKey.id, graceSeconds: 3_600 });
  expect(next.apiKey).toMatchObject({ name: "CI", scopes: ["agent:write"], projectId: one.id });
  expect(next.apiKey.expiresAt?.getTime()).toBe(clock.now().getTime() + 100 * HOUR);
  expect(next.replaced).toMatchObject({ replacedById: next.apiKey.id, revokedAt: null });
  expect([await works(old.secret), await works(next.secret)]).toEqual([true, true]);
  clock.advance(HOUR);
  expect([await works(old.secret), await works(next.secret)]).toEqual([false, true]);
});

test("of a line at most two keys live: the third needs the first to end", async () => {
  const input = { projectId: one.id, name: "CI", scopes: ["agent:write"] };
  const first = await createApiKey(ctx, SYSTEM, input);
  const rotations = await Promise.allSettled(
    Array.from({ length: 5 }, () => rotateApiKey(ctx, SYSTEM, { id: first.apiKey.id })),
  );
  const made = rotations.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  expect(made).toHaveLength(1);
  const second = made[0]?.apiKey.id ?? "";
  await expect(rotateApiKey(ctx, SYSTEM, { id: second })).rejects.toMatchObject({ code: "CONFLICT" });
  const third = await rotateApiKey(ctx, SYSTEM, { id: second, graceSeconds: 0 });
  expect(third.replaced.revokedAt).toEqual(clock.now());
  const again = rotateApiKey(ctx, SYSTEM, { id: third.apiKey.id });
  await expect(again).rejects.toMatchObject({ code: "CONFLICT" });
  await revokeApiKey(ctx, SYSTEM, { id: first.apiKey.id });
  await rotateApiKey(ctx, SYSTEM, { id: third.apiKey.id });
  const ended = rotateApiKey(ctx, SYSTEM, { id: first.apiKey.id });
  await expect(ended).rejects.toMatchObject({ code: "CONFLICT" });
});

test("a grace does not outlive the old key's own end", async () => {
  const expiresAt = new Date(clock.now().getTime() + HOUR);
  const input = { projectId: one.id, name: "CI", scopes: ["agent:write"], expiresAt };
  const { apiKey } = await createApiKey(ctx, SYSTEM, input);
  const { replaced } = await rotateApiKey(ctx, SYSTEM, { id: apiKey.id, expiresAt: null });
  expect(replaced.expiresAt).toEqual(expiresAt);
});
