import { type Actor, type Context, encodeId, ID_PREFIX, type IdType } from "@shiplog/core";
import { encodeCursor } from "@shiplog/core/live";
import { makeContext } from "../context.ts";
import type { TestDatabase } from "../database.ts";
import { graphqlAs } from "../graphql.ts";
import { makePerson } from "../people.ts";
import { CANARY, fingerprint, markEverything } from "./canary.ts";
import { makeCallers } from "./people.ts";
import { makeTarget, type Target } from "./target.ts";
import type { Tenants } from "./values.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Two tenants that know nothing of each other; every text of theirs holds a canary. */
export async function makeTenants(database: TestDatabase) {
  const folder = "/usr";
  const now = new Date();
  const ctx = await makeContext(database, {
    log: quiet,
    clock: { now: () => now },
    settings: { workspaces: [folder] },
    // The audit log cannot be changed afterwards.
    origin: { address: null, userAgent: CANARY, requestId: CANARY },
  });
  const theirs = await makeTarget(ctx, "theirs", folder);
  const theirOwner = (await makePerson(ctx, { [theirs.rows.projectId]: "owner" })).actor;
  const marked = await markEverything(database.url);
  const foreignIds = await publicIds(database);
  const calm = { ...ctx, origin: { address: null, userAgent: "tests", requestId: "tests" } };
  const ours = await makeTarget(calm, "ours", folder);
  const { rows, externalId } = ours;
  const callers = await makeCallers(calm, { projectId: rows.projectId, externalId });
  const before = await fingerprint(ctx.db, theirs.rows.projectId);
  const owner = callers.find((caller) => caller.name === "owner")?.actor ?? null;
  const tenants: Tenants = {
    ctx: calm,
    // An administrator sees the people and the audit log of the installation: he is no stranger to it.
    callers: callers.filter((caller) => caller.name !== "administrator"),
    ours: { ...ours, ...(await namesOf(ctx, owner, ours)) },
    theirs: { ...theirs, ...(await namesOf(ctx, theirOwner, theirs)) },
  };
  return {
    tenants,
    /** Columns with canaries, as table.column. */
    marked,
    foreignIds,
    shownToTheirOwner: async () => {
      const document = "query ($id: ID!) { aiActivities(projectId: $id) { edges { node { prompt } } } }";
      return JSON.stringify(await graphqlAs(ctx, theirOwner).data(document, { id: theirs.project }));
    },
    /** What changes when anything of theirs is changed, before and now. */
    before,
    now: () => fingerprint(ctx.db, theirs.rows.projectId),
  };
}

/** The public ids of all that is in the database so far. */
async function publicIds({ db }: TestDatabase): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const type of Object.keys(ID_PREFIX) as IdType[]) {
    const delegate = Reflect.get(db, `${type[0]?.toLowerCase()}${type.slice(1)}`) as
      | { findMany(): Promise<{ id?: string; projectId?: string; userId?: string }[]> }
      | undefined;
    if (!delegate || type === "SigningKey") continue;
    for (const { id, projectId, userId } of await delegate.findMany()) {
      ids.add(id ? encodeId(type, id) : encodeId(type, projectId ?? "", userId ?? ""));
    }
  }
  return ids;
}

const PAGES = [
  ...["agentExecutions", "pipelineExecutions", "deployments", "aiActivities", "webhookDeliveries"],
  "auditEntries",
];
const STREAM = "it: agentExecution(id: $id) { events { cursor } }";

/** What names something of a tenant beside ids: cursors as its owner sees them, and texts. */
async function namesOf(ctx: Context, actor: Actor | null, { rows, ...target }: Target) {
  const owner = graphqlAs(ctx, actor);
  const pages: string[] = [];
  for (const field of PAGES) {
    const document = `query ($id: ID!) { it: ${field}(projectId: $id) { edges { cursor } } }`;
    const { it } = await owner.data(document, { id: target.project });
    pages.push(...it.edges.map((edge: { cursor: string }) => edge.cursor));
  }
  const { it } = await owner.data(`query ($id: ID!) { ${STREAM} }`, { id: target.execution });
  const streams = [rows.projectId, rows.pipelineId].map((streamId) => {
    return encodeCursor({ streamId, epoch: ctx.epoch, seq: 1 });
  });
  const project = await ctx.db.project.findUniqueOrThrow({ where: { id: rows.projectId } });
  const run = await ctx.db.agentExecution.findUniqueOrThrow({ where: { id: target.externalId } });
  const pipeline = await ctx.db.pipelineExecution.findUniqueOrThrow({ where: { id: rows.pipelineId } });
  const texts = {
    slug: project.slug,
    idempotencyKey: run.idempotencyKey ?? "",
    branch: pipeline.branch ?? "",
    commitSha: pipeline.commitSha ?? "",
  };
  return { cursors: { pages, streams: [...streams, it.events.cursor] }, texts };
}
