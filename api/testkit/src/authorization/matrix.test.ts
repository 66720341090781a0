import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SYSTEM } from "@shiplog/core";
import { createUser } from "@shiplog/core/account";
import { afterAll, expect, test } from "vitest";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { accessMatrix } from "./matrix.ts";
import { makeCallers } from "./people.ts";
import { makeTarget } from "./target.ts";

const database = await testDatabase();
const folder = await realpath(await mkdtemp(join(tmpdir(), "shiplog-ws-")));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const ctx = await makeContext(database, {
  // A cell that conflicts has its transaction aborted under it; what is unexpected shows in the cell.
  log: quiet,
  settings: { workspaces: [folder] },
  agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: true }],
});
afterAll(() => rm(folder, { recursive: true }));

const INTRODUCTION = `# Who may do what

Made by \`vitest run api/testkit/src/authorization/matrix.test.ts\`, which carries out every cell against the schema
and the routes; \`-u\` writes this file anew. Review each changed cell.

A cell is what the caller gets in a project of his own / in another project (for what is personal: his own / somebody
else's). allowed: it is done or shown. nothing: a list or a page of it that is empty. null, not found: as if it did not
exist. forbidden: he sees that it exists, or his kind of credential can never do it. sign in: no valid credential.
The administrator is no member of either project. The two tokens are for one external run of the own project.

`;

test("who may do what is as the golden file says", { timeout: 120_000 }, async () => {
  const ours = await makeTarget(ctx, "ours", folder);
  const theirs = await makeTarget(ctx, "theirs", folder);
  const { rows, externalId } = ours;
  const callers = await makeCallers(ctx, { projectId: rows.projectId, externalId });
  const bystander = { email: "bystander@example.org", name: "Bystander", password: "a password for tests" };
  await createUser(ctx, SYSTEM, bystander);
  const matrix = await accessMatrix({ ctx, callers, ours, theirs });
  await expect(INTRODUCTION + matrix).toMatchFileSnapshot("./matrix.golden.md");
});
