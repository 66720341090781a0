import { type Context, encodeId, SYSTEM } from "@shiplog/core";
import { createInvitation } from "@shiplog/core/account";
import { startAgentExecution } from "@shiplog/core/agent";
import { createIntegration, linkWorkspace } from "@shiplog/core/project";
import { type Filled, fillProject } from "@shiplog/schema/testing/world";
import { makePerson } from "../people.ts";

/** Public ids of one of everything in a project, and what else names things there. */
export interface Target {
  readonly rows: Filled;
  readonly externalId: string;
  readonly project: string;
  readonly slug: string;
  readonly execution: string;
  /** Running, and written to through the API. */
  readonly external: string;
  readonly ended: string;
  readonly pipeline: string;
  readonly delivery: string;
  readonly integration: string;
  readonly apiKey: string;
  readonly invitation: string;
  readonly invitationToken: string;
  /** A viewer; and his membership, session, linked account. */
  readonly user: string;
  readonly member: string;
  readonly session: string;
  readonly identity: string;
  readonly content: string;
  /** A folder that is linked. */
  readonly path: string;
  /** An integration with a known secret. */
  readonly hook: { readonly id: string; readonly secret: string };
  /** Of every type that `node` knows. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** A project with one of everything that anything can be done to. */
export async function makeTarget(ctx: Context, name: string, path: string): Promise<Target> {
  const rows = await fillProject(ctx, name, 2);
  const { projectId } = rows;
  const { slug } = await ctx.db.project.findUniqueOrThrow({ where: { id: projectId } });
  const run = {
    ...{ projectId, agentType: "ci", taskDescription: `${name} from outside`, external: true },
    idempotencyKey: `${name} once`,
  };
  const external = await startAgentExecution(ctx, SYSTEM, run);
  const guest = { projectId, email: `guest@${name}.example`, role: "viewer" } as const;
  const { invitation, link } = await createInvitation(ctx, SYSTEM, guest);
  const hook = await createIntegration(ctx, SYSTEM, { projectId, provider: "github", name: "Hook" });
  await linkWorkspace(ctx, SYSTEM, { projectId, path });
  const { actor } = await makePerson(ctx, { [projectId]: "viewer" });
  const linked = { id: ctx.newId(), userId: actor.userId, createdAt: ctx.clock.now() };
  const account = { provider: "oidc", issuer: "https://login.example", subject: name };
  await ctx.db.userIdentity.create({ data: { ...linked, ...account } });
  const nodes = {
    Project: encodeId("Project", projectId),
    ProjectMember: encodeId("ProjectMember", projectId, actor.userId),
    User: encodeId("User", actor.userId),
    ApiKey: encodeId("ApiKey", rows.apiKeyId),
    Integration: encodeId("Integration", rows.integrationId),
    Invitation: encodeId("Invitation", invitation.id),
    WebhookDelivery: encodeId("WebhookDelivery", rows.deliveryId),
    Repository: encodeId("Repository", rows.repositoryId),
    Commit: encodeId("Commit", rows.commitId),
    PullRequest: encodeId("PullRequest", rows.pullRequestId),
    PipelineExecution: encodeId("PipelineExecution", rows.pipelineId),
    PipelineJob: encodeId("PipelineJob", rows.jobId),
    Environment: encodeId("Environment", rows.environmentId),
    Deployment: encodeId("Deployment", rows.deploymentId),
    AgentExecution: encodeId("AgentExecution", rows.executionId),
    AIActivity: encodeId("AIActivity", rows.activityId),
    EventContent: encodeId("EventContent", rows.contentId),
  };
  return {
    rows,
    externalId: external.id,
    project: nodes.Project,
    slug,
    execution: nodes.AgentExecution,
    external: encodeId("AgentExecution", external.id),
    ended: encodeId("AgentExecution", rows.retryId),
    pipeline: nodes.PipelineExecution,
    delivery: nodes.WebhookDelivery,
    integration: nodes.Integration,
    apiKey: nodes.ApiKey,
    invitation: nodes.Invitation,
    invitationToken: new URL(link ?? "").hash.slice(1),
    user: nodes.User,
    member: nodes.ProjectMember,
    session: encodeId("Session", actor.sessionId),
    identity: encodeId("UserIdentity", linked.id),
    content: nodes.EventContent,
    path,
    hook: { id: encodeId("Integration", hook.integration.id), secret: hook.secret },
    nodes,
  };
}
