import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Actor, decodeId, encodeId } from "@shiplog/core";
import { createRestApp } from "@shiplog/ingest";
import { afterAll, expect, test } from "vitest";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { graphqlAs } from "../graphql.ts";
import { makePerson } from "../people.ts";
import { ADDRESS, auditReader } from "./audit.ts";
import { MUTATIONS } from "./operations.ts";
import { type Caller, makeCallers } from "./people.ts";
import { makeTarget, type Target } from "./target.ts";

const database = await testDatabase();
const folder = await realpath(await mkdtemp(join(tmpdir(), "shiplog-ws-")));
afterAll(() => rm(folder, { recursive: true }));
const ctx = await makeContext(database, {
  settings: { workspaces: [folder] },
  agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: true }],
});
const { send } = auditReader(createRestApp(ctx, { addressOf: () => ADDRESS }), database);
const ours = await makeTarget(ctx, "ours", folder);
const theirs = await makeTarget(ctx, "theirs", folder);
const missing = nowhere(theirs);
const theirOwner = (await makePerson(ctx, { [theirs.rows.projectId]: "owner" })).actor;
const callers = await makeCallers(ctx, { projectId: ours.rows.projectId, externalId: ours.externalId });
/** Who reads the log of his own project, and what acts for it. */
const strangers = callers.filter(({ name }) =>
  ["owner", "project key, all", "developer's key", "token, append"].includes(name),
);
const owner = strangers.find(({ name }) => name === "owner")?.actor ?? null;

/** The same target with ids that nothing has. */
function nowhere<T extends object>(target: T): T {
  const fresh = (value: unknown): unknown => {
    if (value !== null && typeof value === "object") return nowhere(value);
    const decoded = typeof value === "string" ? decodeId(value) : null;
    if (decoded) return encodeId(decoded.type, ...decoded.uuids.map(() => ctx.newId()));
    return typeof value === "string" && /^[0-9a-f-]{36}$/.test(value) ? ctx.newId() : value;
  };
  return Object.fromEntries(Object.entries(target).map(([key, value]) => [key, fresh(value)])) as T;
}

interface Attempt {
  readonly name: string;
  /** What the caller is answered, and how many entries that left. */
  run(caller: Caller, target: Target): Promise<{ answer: unknown; requestId: string }>;
}

/** Every mutation of something of a project or a person; whoever has an invitation's link is no stranger to it. */
const mutations: Attempt[] = Object.entries(MUTATIONS)
  .filter(([field]) => field !== "acceptInvitation")
  .flatMap(([field, cases]) =>
    cases
      .filter(({ about }) => about !== "instance")
      .map(({ label = "", about, input }) => ({
        name: `${field} ${label}`.trim(),
        async run(caller, target) {
          const Name = `${field[0]?.toUpperCase()}${field.slice(1)}`;
          const document = `mutation ($input: ${Name}Input!) {
            it: ${field}(input: $input) { __typename ... on Error { message } } }`;
          // Without what is his own, it is somebody else's that is named.
          const named = about === "personal" ? { ...caller, own: null } : caller;
          const requestId = crypto.randomUUID();
          const origin = { address: ADDRESS, userAgent: "tests", requestId };
          const client = graphqlAs({ ...ctx, origin }, caller.actor);
          return { answer: await client.run(document, { input: input(target, named) }), requestId };
        },
      })),
  );

const route = (name: string, request: (target: Target) => { path?: string; body?: object }): Attempt => ({
  name,
  async run({ token }, target) {
    const { status, body, entries } = await send(name, { ...request(target), token });
    const { meta: _ownId, ...answer } = body as { meta?: unknown };
    return { answer: { status, ...answer }, requestId: entries[0]?.requestId ?? "" };
  },
});
const routes = [
  route("POST /api/v1/agents/analyze", ({ project, path }) => ({ body: { projectId: project, path } })),
  route("DELETE /api/v1/auth/sessions/:id", ({ session }) => ({ path: `/api/v1/auth/sessions/${session}` })),
];

const LIST = `query ($projectId: ID, $after: String) {
  auditEntries(projectId: $projectId, first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
    action outcome actorType user { id } userId targetType targetId projectId project { id } details requestId } } } }`;
interface Entry {
  readonly requestId: string | null;
  readonly [field: string]: unknown;
}

/** The whole log as somebody reads it; null: it is not for him. */
async function logOf(actor: Actor | null, projectId: string): Promise<Entry[] | null> {
  const entries: Entry[] = [];
  for (let after: string | null = null; ; ) {
    const variables: Record<string, unknown> = { projectId, after };
    const { data } = await graphqlAs(ctx, actor).run(LIST, variables);
    if (!data?.auditEntries) return null;
    const { edges, pageInfo } = data.auditEntries;
    entries.push(...edges.map(({ node }: { node: Entry }) => node));
    if (!pageInfo.hasNextPage) return entries;
    after = pageInfo.endCursor;
  }
}

/** What the attempts left that the owner of this project reads: in the order of the attempts, without their ids. */
async function shown(actor: Actor | null, projectId: string, requestIds: readonly string[]) {
  const log = (await logOf(actor, projectId)) ?? [];
  return requestIds.map((id) =>
    log.filter(({ requestId }) => requestId === id).map(({ requestId: _, ...rest }) => rest),
  );
}

test.each(strangers)(
  "neither the answers nor his own log tell $name what exists elsewhere",
  async (caller) => {
    const tried = [];
    for (const attempt of [...mutations, ...routes]) {
      const there = await attempt.run(caller, theirs);
      const nowhere = await attempt.run(caller, missing);
      expect([attempt.name, there.answer]).toEqual([attempt.name, nowhere.answer]);
      for (const { requestId } of [there, nowhere]) {
        const entries = await ctx.db.auditEntry.findMany({ where: { requestId }, select: { outcome: true } });
        expect([attempt.name, entries]).toEqual([attempt.name, [{ outcome: "refused" }]]);
      }
      tried.push({ there: there.requestId, nowhere: nowhere.requestId });
    }
    const ids = { there: tried.map(({ there }) => there), nowhere: tried.map(({ nowhere }) => nowhere) };
    const own = await shown(owner, ours.project, ids.there);
    expect(own).toEqual(await shown(owner, ours.project, ids.nowhere));
    // Nor can he read where the rest of it is.
    expect(await logOf(owner, theirs.project)).toBeNull();
    expect(await logOf(owner, missing.project)).toBeNull();

    // The project's owner sees that somebody tried, and not his name.
    const seen = (await shown(theirOwner, theirs.project, ids.there)).flat();
    for (const entry of seen) {
      expect(entry).toMatchObject({ outcome: "REFUSED", user: null, projectId: theirs.project });
    }
    expect(seen.length).toBeGreaterThan(0);
  },
);
