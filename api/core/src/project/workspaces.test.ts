import { mkdir, mkdtemp, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { type Actor, SYSTEM } from "../actor.ts";
import { createProject, linkWorkspace, listWorkspaces, resolveWorkspace, unlinkWorkspace } from "./index.ts";

const root = await realpath(await mkdtemp(join(tmpdir(), "shiplog-workspaces-")));
const [alpha, beta, outside] = [join(root, "alpha"), join(root, "beta"), join(root, "alpha-outside")];
const data = join(beta, ".shiplog");
for (const folder of [join(alpha, "src"), data, outside]) await mkdir(folder, { recursive: true });
await writeFile(join(alpha, "file"), "");
await symlink(outside, join(alpha, "escape"));
await symlink(alpha, join(root, "link-to-alpha"));

const database = await testDatabase();
const workspaces = [alpha, beta, join(root, "gone")];
const ctx = await makeContext(database, { settings: { workspaces, privatePaths: [data] } });
const { id: projectId } = await createProject(ctx, SYSTEM, { name: "Linked" });
const { id: otherId } = await createProject(ctx, SYSTEM, { name: "Other" });
const both = { [projectId]: "developer", [otherId]: "developer" } as const;
const admin = (await makePerson(ctx, both, { isAdmin: true })).actor;
const developer = (await makePerson(ctx, both)).actor;
const viewer = (await makePerson(ctx, { [projectId]: "viewer" })).actor;
const key = (await makeKey(ctx, projectId, ["agent:write"])).actor;
const reader = (await makeKey(ctx, projectId, ["agent:read"])).actor;
await linkWorkspace(ctx, admin, { projectId, path: alpha });

const resolve = (actor: Actor, path: string | null, project = projectId) =>
  resolveWorkspace(ctx, actor, project, path);
const INVALID = { code: "INVALID_INPUT" };

test("an administrator names any workspace or a folder below; everybody else only what is linked", async () => {
  for (const actor of [admin, developer, key, SYSTEM]) {
    expect(await resolve(actor, alpha)).toBe(alpha);
    expect(await resolve(actor, join(alpha, "src"))).toBe(join(alpha, "src"));
    expect(await resolve(actor, join(alpha, "src", "..", "src"))).toBe(join(alpha, "src"));
  }
  expect(await resolve(admin, beta)).toBe(beta);
  expect(await resolve(admin, alpha, otherId)).toBe(alpha);
  await expect(resolve(developer, beta)).rejects.toMatchObject(INVALID);
  await expect(resolve(key, beta)).rejects.toMatchObject(INVALID);
  await expect(resolve(developer, alpha, otherId)).rejects.toMatchObject(INVALID);
});

test("without a path it is the linked folder, or none", async () => {
  expect(await resolve(developer, null)).toBe(alpha);
  expect(await resolve(developer, null, otherId)).toBeNull();
});

test("starting a run needs the power to", async () => {
  await expect(resolve(viewer, alpha)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(resolve(reader, alpha)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(resolve(key, alpha, otherId)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("nothing outside is reached by links, siblings, dots, files or relative paths, nor told apart", async () => {
  const attempts = [
    join(alpha, "escape"),
    outside,
    `${alpha}/../alpha-outside`,
    join(alpha, "file"),
    join(alpha, "missing"),
    join(root, "gone"),
    root,
    "/",
    "/etc",
    "/does/not/exist",
    "alpha",
    "",
    `${alpha}\0`,
    data,
  ];
  const messages = new Set<string>();
  for (const path of attempts) {
    for (const actor of [admin, developer]) {
      const error = await resolve(actor, path).catch((caught) => caught);
      expect([path, error.code]).toEqual([path, "INVALID_INPUT"]);
      messages.add(error.message);
    }
  }
  expect(messages.size).toBe(1);
});

test("a link into a workspace resolves to the real folder", async () => {
  expect(await resolve(admin, join(root, "link-to-alpha", "src"))).toBe(join(alpha, "src"));
});

test("only administrators link, unlink and list", async () => {
  for (const actor of [developer, key]) {
    const forbidden = { code: "FORBIDDEN" };
    await expect(linkWorkspace(ctx, actor, { projectId, path: beta })).rejects.toMatchObject(forbidden);
    await expect(unlinkWorkspace(ctx, actor, { projectId, path: alpha })).rejects.toMatchObject(forbidden);
    expect(await listWorkspaces(ctx, actor)).toEqual([]);
  }
  await expect(linkWorkspace(ctx, admin, { projectId, path: outside })).rejects.toMatchObject(INVALID);
  expect(await linkWorkspace(ctx, admin, { projectId: otherId, path: join(root, "link-to-alpha") })).toBe(
    alpha,
  );
  await linkWorkspace(ctx, admin, { projectId: otherId, path: alpha });
  const listed = await listWorkspaces(ctx, admin);
  expect(listed.map(({ path }) => path)).toEqual(workspaces);
  expect(listed[0]?.projectIds.toSorted()).toEqual([projectId, otherId].toSorted());
  expect(await resolve(developer, alpha, otherId)).toBe(alpha);
  await unlinkWorkspace(ctx, admin, { projectId: otherId, path: alpha });
  await expect(resolve(developer, alpha, otherId)).rejects.toMatchObject(INVALID);
  const again = unlinkWorkspace(ctx, admin, { projectId: otherId, path: alpha });
  await expect(again).rejects.toMatchObject({ code: "NOT_FOUND" });
});
