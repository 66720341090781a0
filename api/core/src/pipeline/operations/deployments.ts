import type { Deployment, Environment } from "@shiplog/db";
import { executeRaw, queryRaw, sql } from "@shiplog/db";
import { type FoldKeys, fold } from "../fold.ts";
import type { DeploymentEvent, DeploymentFields, EnvironmentEvent } from "../normalized.ts";
import { byIdentity, type Change, pick, type Scope } from "./scope.ts";

const NEW: Omit<DeploymentFields, "createdAt" | "environment"> = {
  status: "queued",
  rawStatus: null,
  commitSha: null,
  ref: null,
  task: null,
  description: null,
  creatorLogin: null,
  url: null,
  logUrl: null,
  startedAt: null,
  completedAt: null,
  pipelineExternalId: null,
  pipelineAttempt: null,
};
const FIELDS = [...Object.keys(NEW), "createdAt"] as (keyof Omit<DeploymentFields, "environment">)[];

/** A deployment with the name of its environment. */
export type DeploymentRow = Deployment & { readonly environment: Pick<Environment, "name"> };
export type DeploymentChange = Change<DeploymentRow>;

const WITH_NAME = { environment: { select: { name: true } } } as const;

/**
 * Makes environments known to the project; answers name -> id. `isProduction` only ever rises from unknown over
 * false to true, so the order of deliveries does not matter.
 */
export async function foldEnvironments(
  scope: Scope,
  events: readonly EnvironmentEvent[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const { name, isProduction } of events.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    await executeRaw(
      scope.tx.db,
      sql`INSERT INTO environment (id, project_id, name, is_production, created_at)
          VALUES (${scope.tx.newId()}::uuid, ${scope.projectId}::uuid, ${name}, ${isProduction},
            ${scope.tx.clock.now()}::timestamptz)
          ON CONFLICT (project_id, name) DO UPDATE SET is_production = EXCLUDED.is_production
          WHERE EXCLUDED.is_production > coalesce(environment.is_production, false)
            OR (environment.is_production IS NULL AND EXCLUDED.is_production IS NOT NULL)`,
    );
    const rows = await queryRaw<{ id: string }>(
      scope.tx.db,
      sql`SELECT id FROM environment WHERE project_id = ${scope.projectId}::uuid AND name = ${name}`,
    );
    if (rows[0]) ids.set(name, rows[0].id);
  }
  return ids;
}

/** Folds deployments; their pipelines are resolved afterwards (links.ts). */
export async function foldDeployments(
  scope: Scope,
  events: readonly DeploymentEvent[],
  environments: ReadonlyMap<string, string>,
  commits: ReadonlyMap<string, string>,
): Promise<DeploymentChange[]> {
  const changes: DeploymentChange[] = [];
  for (const [externalId, patches] of byIdentity(events, (event) => event.externalId)) {
    const change = await foldOne(scope, externalId, patches, environments);
    if (change.changed.includes("commitSha")) await linkCommit(scope, change.after, commits);
    changes.push(change);
  }
  return changes;
}

async function foldOne(
  scope: Scope,
  externalId: string,
  patches: readonly DeploymentEvent[],
  environments: ReadonlyMap<string, string>,
): Promise<DeploymentChange> {
  const { tx, provider, projectId } = scope;
  const identity = { repositoryId: scope.repository.id, provider, externalId };
  const before = await tx.db.deployment.findUnique({
    where: { repositoryId_provider_externalId: identity },
    include: WITH_NAME,
  });
  const values: DeploymentFields = before
    ? { ...pick(before, FIELDS), environment: before.environment.name }
    : { ...NEW, environment: "", createdAt: tx.clock.now() };
  const folded = fold(values, (before?.fold ?? {}) as FoldKeys, patches, scope.bodyHash);
  const { environment, ...columns } = folded.values;
  const environmentId = environments.get(environment) ?? before?.environmentId;
  if (!environmentId) throw new Error("a deployment without its environment");
  const data = { ...columns, environmentId, fold: folded.keys };
  if (before && !folded.moved) return { before, after: before, changed: [] };
  const after = before
    ? await tx.db.deployment.update({ where: { id: before.id }, data, include: WITH_NAME })
    : await tx.db.deployment.create({
        data: { id: tx.newId(), projectId, ...identity, ...data },
        include: WITH_NAME,
      });
  return { before, after, changed: folded.changed };
}

async function linkCommit(
  scope: Scope,
  deployment: DeploymentRow,
  commits: ReadonlyMap<string, string>,
): Promise<void> {
  const { db } = scope.tx;
  await db.deploymentCommit.deleteMany({ where: { deploymentId: deployment.id } });
  const commitId = deployment.commitSha ? commits.get(deployment.commitSha) : undefined;
  if (commitId)
    await db.deploymentCommit.create({
      data: { deploymentId: deployment.id, commitId, method: "sha", confidence: 1 },
    });
}
