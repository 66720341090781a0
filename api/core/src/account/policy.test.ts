import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { type Actor, SYSTEM } from "../actor.ts";
import { ForbiddenError } from "../errors.ts";
import { createProject } from "../project/index.ts";
import {
  authorize,
  authorizeInstance,
  decide,
  INSTANCE_PERMISSIONS,
  type InstancePermission,
  mayInstance,
  PERMISSIONS,
  type Permission,
  type Role,
  SCOPES,
} from "./index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const own = await createProject(ctx, SYSTEM, { name: "Own" });
const foreign = await createProject(ctx, SYSTEM, { name: "Foreign" });
const permissions = Object.keys(PERMISSIONS) as Permission[];

async function allowed(actor: Actor, projectId: string): Promise<Permission[]> {
  const decisions = await Promise.all(
    permissions.map((permission) => decide(ctx, actor, projectId, permission)),
  );
  return permissions.filter((_, at) => decisions[at] === "allowed");
}

const VIEWER = [
  "project.read",
  "member.read",
  "pipeline.read",
  "activity.read",
  "agent.read",
  "metrics.read",
] as const;
const DEVELOPER = [...VIEWER, "activity.write", "agent.write", "agent.append"] as const;
const MAINTAINER = [
  ...DEVELOPER,
  "project.update",
  "key.manage",
  "integration.read",
  "integration.manage",
  "delivery.read",
  "delivery.reprocess",
] as const;
const MATRIX: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  developer: DEVELOPER,
  maintainer: MAINTAINER,
  owner: permissions,
};

test.each(Object.entries(MATRIX))(
  "a %s has exactly these powers, and none elsewhere",
  async (role, powers) => {
    const { actor } = await makePerson(ctx, { [own.id]: role as Role });
    expect((await allowed(actor, own.id)).toSorted()).toEqual(powers.toSorted());
    for (const permission of permissions)
      expect(await decide(ctx, actor, foreign.id, permission)).toBe("unknown");
  },
);

test("an administrator has no power in a project that he is no member of", async () => {
  const { actor } = await makePerson(ctx, {}, { isAdmin: true });
  expect(await allowed(actor, own.id)).toEqual([]);
});

test("of the instance an administrator has every power, through a session only; nobody else has one", async () => {
  const powers = Object.keys(INSTANCE_PERMISSIONS) as InstancePermission[];
  const held = (actor: Actor) => powers.filter((power) => mayInstance(actor, power));
  const administrator = (await makePerson(ctx, {}, { isAdmin: true })).actor;
  expect(held(administrator)).toEqual(powers);
  const others: Actor[] = [
    (await makePerson(ctx, { [own.id]: "owner" })).actor,
    (await makeKey(ctx, own.id, [...SCOPES])).actor,
    { type: "key", keyId: ctx.newId(), projectId: null, userId: administrator.userId, scopes: [...SCOPES] },
    {
      type: "token",
      tokenId: ctx.newId(),
      issuer: administrator,
      projectId: own.id,
      target: { kind: "project", id: own.id },
      permissions: ["read"],
    },
    { type: "scope", projectId: own.id, permissions: new Set(permissions), scopes: null },
  ];
  for (const actor of others) {
    expect(held(actor)).toEqual([]);
    for (const power of powers) expect(() => authorizeInstance(actor, power)).toThrow(ForbiddenError);
  }
  // What is of a person himself, is set for people, or leaves one other administrator at least, is not the program's.
  const personal = [
    "user.update",
    "password_reset.print_own",
    "workspace.list",
    "member.add_self",
    "graphql.ad_hoc",
  ];
  expect(held(SYSTEM)).toEqual(powers.filter((power) => !personal.includes(power)));
});

test("a key has what its scopes say, write including read, and never a power of people", async () => {
  const people = [
    "project.update",
    "project.delete",
    "member.read",
    "member.manage",
    "key.manage",
    "integration.read",
    "integration.manage",
    "delivery.read",
    "delivery.reprocess",
    "audit.read",
    "retention.manage",
  ];
  const all = await makeKey(ctx, own.id, [...SCOPES]);
  expect(await allowed(all.actor, own.id)).toEqual(permissions.filter((name) => !people.includes(name)));
  expect(await allowed(all.actor, foreign.id)).toEqual([]);
  const writer = await makeKey(ctx, own.id, ["agent:write"]);
  expect(await allowed(writer.actor, own.id)).toEqual([
    "project.read",
    "agent.read",
    "agent.write",
    "agent.append",
  ]);
  const reader = await makeKey(ctx, own.id, ["agent:read"]);
  expect(await allowed(reader.actor, own.id)).toEqual(["project.read", "agent.read"]);
});

test("a stranger hears that there is no project, a member that he lacks the power", async () => {
  const { actor } = await makePerson(ctx, { [own.id]: "viewer" });
  await expect(authorize(ctx, actor, foreign.id, "agent.write")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(authorize(ctx, actor, own.id, "agent.write")).rejects.toMatchObject({ code: "FORBIDDEN" });
});
