import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson, type Person } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { addProjectMember, createProject, removeProjectMember, updateProjectMember } from "./index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const owner = await makePerson(ctx);
const NOT_FOUND = { code: "NOT_FOUND" };
const FORBIDDEN = { code: "FORBIDDEN" };
const CONFLICT = { code: "CONFLICT" };

async function projectOf({ actor }: Person): Promise<string> {
  return (await createProject(ctx, actor, { name: "Team" })).id;
}

async function roles(projectId: string): Promise<string[]> {
  const members = await ctx.db.projectMember.findMany({ where: { projectId } });
  return members.map((member) => member.role).sort();
}

/** Runs `work` and says how often open streams were told to look their access over. */
async function changesDuring(work: () => Promise<unknown>): Promise<number> {
  let changes = 0;
  const off = ctx.bus.onAccessChanged(() => changes++);
  await work().finally(() => Promise.resolve());
  off();
  return changes;
}

test("an owner adds people who have an account, once, in any spelling of their address", async () => {
  const projectId = await projectOf(owner);
  const bob = await makePerson(ctx);
  const member = await addProjectMember(ctx, owner.actor, {
    projectId,
    email: bob.email.toUpperCase(),
    role: "developer",
  });
  expect(member).toMatchObject({ projectId, userId: bob.actor.userId, role: "developer" });
  const again = addProjectMember(ctx, owner.actor, { projectId, email: bob.email, role: "viewer" });
  await expect(again).rejects.toMatchObject(CONFLICT);
  const nobody = addProjectMember(ctx, owner.actor, {
    projectId,
    email: "nobody@example.org",
    role: "viewer",
  });
  await expect(nobody).rejects.toMatchObject(NOT_FOUND);
  const boss = addProjectMember(ctx, owner.actor, { projectId, email: bob.email, role: "boss" });
  await expect(boss).rejects.toMatchObject({ issues: [{ path: ["input", "role"] }] });
});

test("nobody but an owner manages members", async () => {
  const projectId = await projectOf(owner);
  const maintainer = await makePerson(ctx, { [projectId]: "maintainer" });
  const stranger = await makePerson(ctx);
  const key = await makeKey(ctx, projectId, ["agent:write"]);
  const target = { projectId, userId: owner.actor.userId };
  for (const [actor, error] of [
    [maintainer.actor, FORBIDDEN],
    [key.actor, FORBIDDEN],
    [stranger.actor, NOT_FOUND],
  ] as const) {
    const input = { projectId, email: stranger.email, role: "viewer" };
    await expect(addProjectMember(ctx, actor, input)).rejects.toMatchObject(error);
    await expect(updateProjectMember(ctx, actor, { ...target, role: "viewer" })).rejects.toMatchObject(error);
    await expect(removeProjectMember(ctx, actor, target)).rejects.toMatchObject(error);
  }
});

test("an administrator may add himself, and nobody else", async () => {
  const projectId = await projectOf(owner);
  const admin = await makePerson(ctx, {}, { isAdmin: true });
  const other = await makePerson(ctx);
  const foreign = addProjectMember(ctx, admin.actor, { projectId, email: other.email, role: "viewer" });
  await expect(foreign).rejects.toMatchObject(NOT_FOUND);
  await addProjectMember(ctx, admin.actor, { projectId, email: admin.email, role: "viewer" });
  expect(await roles(projectId)).toEqual(["owner", "viewer"]);
});

test("removing a member, and a member's leaving, take effect at once and wake his streams", async () => {
  const projectId = await projectOf(owner);
  const [bob, eve] = [
    await makePerson(ctx, { [projectId]: "viewer" }),
    await makePerson(ctx, { [projectId]: "viewer" }),
  ];
  const removal = { projectId, userId: bob.actor.userId };
  expect(await changesDuring(() => removeProjectMember(ctx, owner.actor, removal))).toBe(1);
  expect(
    await changesDuring(() => removeProjectMember(ctx, eve.actor, { projectId, userId: eve.actor.userId })),
  ).toBe(1);
  expect(await roles(projectId)).toEqual(["owner"]);
  await expect(removeProjectMember(ctx, owner.actor, removal)).rejects.toMatchObject(NOT_FOUND);
});

test("the last owner stays, as member and as owner", async () => {
  const projectId = await projectOf(owner);
  const self = { projectId, userId: owner.actor.userId };
  await expect(removeProjectMember(ctx, owner.actor, self)).rejects.toMatchObject(CONFLICT);
  await expect(updateProjectMember(ctx, owner.actor, { ...self, role: "viewer" })).rejects.toMatchObject(
    CONFLICT,
  );
  const second = await makePerson(ctx, { [projectId]: "developer" });
  await updateProjectMember(ctx, owner.actor, { projectId, userId: second.actor.userId, role: "owner" });
  await updateProjectMember(ctx, owner.actor, { ...self, role: "viewer" });
  expect(await roles(projectId)).toEqual(["owner", "viewer"]);
});

test("owners who remove each other at the same time leave one", async () => {
  for (let round = 0; round < 5; round++) {
    const projectId = await projectOf(owner);
    const second = await makePerson(ctx, { [projectId]: "owner" });
    await Promise.allSettled([
      removeProjectMember(ctx, owner.actor, { projectId, userId: second.actor.userId }),
      removeProjectMember(ctx, second.actor, { projectId, userId: owner.actor.userId }),
    ]);
    expect(await roles(projectId)).toEqual(["owner"]);
  }
});
