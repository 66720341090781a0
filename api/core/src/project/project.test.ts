import { queryRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { type Actor, SYSTEM } from "../actor.ts";
import { startAgentExecution } from "../agent/index.ts";
import { fitText } from "../live/index.ts";
import { record, transact } from "../transaction.ts";
import { createProject, deleteProject, projectVisibility, updateProject } from "./index.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const ada = await makePerson(ctx);

/** What every list of projects shows the actor. */
function seenBy(actor: Actor) {
  return ctx.db.project.findMany({ where: projectVisibility(actor) });
}

test("whoever creates a project owns it, and its stream begins", async () => {
  const project = await createProject(ctx, ada.actor, {
    name: " Ship  it ",
    slug: "ship-it",
    repositoryUrl: "https://github.com/acme/ship",
    techStack: ["TypeScript"],
  });
  expect(project).toMatchObject({ name: "Ship  it", slug: "ship-it", status: "active", isDemo: false });
  expect(await ctx.db.projectMember.findMany({ where: { projectId: project.id } })).toMatchObject([
    { userId: ada.actor.userId, role: "owner" },
  ]);
  expect(await ctx.db.streamHead.findUnique({ where: { streamId: project.id } })).toMatchObject({
    kind: "project",
    seq: 0,
  });
});

test("a slug belongs to one project; without one it is made from the name", async () => {
  await expect(createProject(ctx, ada.actor, { name: "Other", slug: "ship-it" })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  expect((await createProject(ctx, ada.actor, { name: "Größe & Café №1" })).slug).toBe("gro-e-cafe-no1");
  expect((await createProject(ctx, ada.actor, { name: "Ship it" })).slug).toMatch(/^ship-it-[0-9a-f]{6}$/);
  expect((await createProject(ctx, ada.actor, { name: "日本" })).slug).toMatch(/^project-[0-9a-f]{6}$/);
});

test.each([
  { slug: "Upper" },
  { slug: "-a" },
  { slug: "a--b" },
  { slug: "a" },
  { slug: "a".repeat(61) },
  { name: " " },
  { name: "nul\0" },
  { repositoryUrl: "javascript:alert(1)" },
  { repositoryUrl: "github.com/acme" },
  { techStack: [""] },
])("refuses %j with its place", async (changes) => {
  const attempt = createProject(ctx, ada.actor, { name: "Fine", ...changes });
  await expect(attempt).rejects.toMatchObject({
    code: "INVALID_INPUT",
    issues: [{ path: expect.arrayContaining(["input", Object.keys(changes)[0]]) }],
  });
});

test("a key creates no project; only the program marks one as demo", async () => {
  const home = await createProject(
    ctx,
    SYSTEM,
    { name: "Home" },
    { isDemo: true, ownerId: ada.actor.userId },
  );
  expect(home.isDemo).toBe(true);
  const key = await makeKey(ctx, home.id, ["agent:write"]);
  await expect(createProject(ctx, key.actor, { name: "x" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect((await createProject(ctx, ada.actor, { name: "Sly" }, { isDemo: true })).isDemo).toBe(false);
});

test("an update changes what it names and nothing else", async () => {
  const project = await createProject(ctx, ada.actor, {
    name: "Change",
    repositoryUrl: "https://a.example/b",
  });
  const archived = await updateProject(ctx, ada.actor, {
    id: project.id,
    status: "archived",
    description: "D",
  });
  expect(archived).toMatchObject({
    name: "Change",
    status: "archived",
    description: "D",
    repositoryUrl: "https://a.example/b",
  });
  const cleared = await updateProject(ctx, ada.actor, { id: project.id, repositoryUrl: null });
  expect(cleared).toMatchObject({ status: "archived", repositoryUrl: null });
  const { actor } = await makePerson(ctx, { [project.id]: "developer" });
  await expect(updateProject(ctx, actor, { id: project.id, name: "x" })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
});

test("everybody sees his own projects only", async () => {
  const bob = await makePerson(ctx);
  const project = await createProject(ctx, bob.actor, { name: "Bob's" });
  expect(await seenBy(bob.actor)).toEqual([project]);
  expect(await seenBy(ada.actor)).not.toContainEqual(project);
  const admin = await makePerson(ctx, {}, { isAdmin: true });
  expect(await seenBy(admin.actor)).toEqual([]);
  const key = await makeKey(ctx, project.id, ["agent:read"]);
  expect(await seenBy(key.actor)).toEqual([project]);
});

/** Tables that hold a row of the project, by every column that could name it. */
async function tablesNaming(projectId: string): Promise<string[]> {
  const columns = await queryRaw<{ name: string; column: string }>(
    ctx.db,
    sql`SELECT table_name::text AS name, column_name::text AS column FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'uuid'`,
  );
  const found = new Set<string>();
  for (const { name, column } of columns) {
    const rows = await ctx.db.$queryRawUnsafe<object[]>(
      `SELECT 1 FROM "${name}" WHERE "${column}" = $1::uuid LIMIT 1`,
      projectId,
    );
    if (rows.length > 0) found.add(name);
  }
  return [...found].sort();
}

test("deleting takes everything of the project along, and nothing of another", async () => {
  const [doomed, kept] = [
    await createProject(ctx, ada.actor, { name: "Doomed" }),
    await createProject(ctx, ada.actor, { name: "Kept" }),
  ];
  const streams: string[] = [];
  for (const project of [doomed, kept]) {
    await makeKey(ctx, project.id, ["agent:write"]);
    const input = { projectId: project.id, agentType: "codex", taskDescription: "t", external: true };
    const execution = await startAgentExecution(ctx, ada.actor, input);
    streams.push(execution.id);
    await transact(ctx, async (tx) => {
      const owner = { projectId: project.id, streamId: execution.id };
      await fitText(tx, owner, "long".repeat(10_000));
      record(tx, {
        kind: "agent_execution",
        ...owner,
        events: [{ type: "AgentTextDelta", data: { text: "x" } }],
      });
    });
  }
  const before = await tablesNaming(doomed.id);
  expect(before).toContain("event_content");
  let changes = 0;
  ctx.bus.onAccessChanged(() => changes++);
  await deleteProject(ctx, ada.actor, { id: doomed.id });
  await Promise.resolve();
  expect(changes).toBe(1);
  // The audit log outlives what it tells of.
  expect(await tablesNaming(doomed.id)).toEqual(["audit_entry"]);
  expect(await tablesNaming(kept.id)).toEqual(before);
  const events = await ctx.db.streamEvent.groupBy({ by: ["streamId"], where: { streamId: { in: streams } } });
  expect(events.map((row) => row.streamId)).toEqual([streams[1]]);
});

test("only an owner deletes; whoever does not see the project hears that there is none", async () => {
  const project = await createProject(ctx, ada.actor, { name: "Stays" });
  const maintainer = await makePerson(ctx, { [project.id]: "maintainer" });
  const stranger = await makePerson(ctx, {}, { isAdmin: true });
  const attempt = (actor: typeof ada.actor) => deleteProject(ctx, actor, { id: project.id });
  await expect(attempt(maintainer.actor)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(attempt(stranger.actor)).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await seenBy(ada.actor)).toContainEqual(project);
});
