import { encodeId } from "@shiplog/core";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { makePerson } from "@shiplog/testkit/people";
import { describe, expect, it } from "vitest";
import { fillProject } from "./testing/world.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const small = await fillProject(ctx, "small", 2);
const large = await fillProject(ctx, "large", 7);
const { actor } = await makePerson(ctx, { [small.projectId]: "maintainer", [large.projectId]: "maintainer" });
const client = graphqlAs(ctx, actor);

/** Runs on a project of 2 and on one of 7 of everything; the number of statements must not know the difference. */
async function statementsOf(document: string): Promise<number> {
  const counts: number[] = [];
  for (const filled of [small, large]) {
    const { statements } = await client.counted(database, document, {
      projectId: encodeId("Project", filled.projectId),
      pipelineId: encodeId("PipelineExecution", filled.pipelineId),
      executionId: encodeId("AgentExecution", filled.executionId),
      commitId: encodeId("Commit", filled.commitId),
    });
    counts.push(statements.length);
  }
  expect(counts[1]).toBe(counts[0]);
  return counts[0] ?? 0;
}

const page = (field: string, node: string, args = "") =>
  `query ($projectId: ID!) { ${field}(projectId: $projectId${args}) { edges { cursor node { ${node} } } pageInfo { hasNextPage } } }`;

const of = (root: string, selection: string) => {
  const [field, type] = root.split(":");
  return `query ($${type}: ID!) { ${field}(id: $${type}) { ${selection} } }`;
};

/** Field, document, and how many statements it takes. */
const LISTS: [name: string, document: string, statements: number][] = [
  ["agentExecutions", page("agentExecutions", "id status title: taskDescription cost"), 2],
  [
    "agentExecutions with all it may nest",
    page(
      "agentExecutions",
      "id lastLine viewerCanCancel viewerCanRetry createdBy { name email } createdByKey { name } retryOf { id } retries { id } steps { name } project { name viewerRole }",
    ),
    13,
  ],
  ["pipelineExecutions", page("pipelineExecutions", "id status branch failureReason"), 3],
  [
    "pipelineExecutions with all it may nest",
    page(
      "pipelineExecutions",
      "id repository { fullName } commit { sha repository { fullName } pullRequests { number } } pullRequests { number repository { fullName } } jobs { name medianDurationMs steps { name } } attempts { attempt } deployments { environment { name } commit { sha } pipeline { id } } failureReason",
      ", first: 10",
    ),
    22,
  ],
  [
    "deployments",
    page("deployments", "id status environment { name } repository { fullName } commit { subject }"),
    6,
  ],
  [
    "aiActivities",
    page(
      "aiActivities",
      "id tool cost prompt codeChanges { path } user { name email } commit { subject } sessionId",
    ),
    8,
  ],
  [
    "webhookDeliveries",
    page("webhookDeliveries", "id event outcome integration { name deliveries24h { failed } }"),
    4,
  ],
  [
    "projects",
    "{ projects { edges { node { name viewerRole workspaces summary { running lastDeployment { status } } } } } }",
    5,
  ],
  ["viewer.projects", "{ viewer { projects { name viewerRole } } }", 2],
  ["Project.members", of("project:projectId", "members { role user { name email } }"), 4],
  ["Project.integrations", of("project:projectId", "integrations { name deliveries24h { failed } }"), 5],
  ["Project.apiKeys", of("project:projectId", "apiKeys { name createdBy { name email } }"), 5],
  ["Project.repositories and workspaces", of("project:projectId", "repositories { fullName } workspaces"), 3],
  ["PipelineExecution.jobs", of("pipelineExecution:pipelineId", "jobs { name medianDurationMs }"), 3],
  ["PipelineJob.steps", of("pipelineExecution:pipelineId", "jobs { steps { name } }"), 3],
  [
    "PipelineExecution.attempts",
    of("pipelineExecution:pipelineId", "attempts { attempt jobs { name } failureReason }"),
    5,
  ],
  ["PipelineExecution.deployments", of("pipelineExecution:pipelineId", "deployments { commit { sha } }"), 4],
  [
    "PipelineExecution.pullRequests",
    of("pipelineExecution:pipelineId", "pullRequests { number repository { fullName } }"),
    4,
  ],
  ["AgentExecution.retries", of("agentExecution:executionId", "retries { lastLine createdBy { name } }"), 4],
  ["AgentExecution.steps", of("agentExecution:executionId", "steps { name }"), 2],
  ["AgentExecution.events", of("agentExecution:executionId", "events { events { seq } }"), 3],
  [
    "Commit",
    `query ($commitId: ID!) { node(id: $commitId) { ... on Commit { pullRequests { number } activities { prompt user { name } } } } }`,
    6,
  ],
  [
    "nodes",
    "query ($pipelineId: ID!, $executionId: ID!) { nodes(ids: [$pipelineId, $executionId]) { id ... on PipelineExecution { jobs { name } } ... on AgentExecution { lastLine } } }",
    4,
  ],
  [
    "overview",
    `query ($projectId: ID!) { overview(projectId: $projectId) {
      running { ... on AgentExecution { lastLine project { name } } ... on PipelineExecution { branch project { name } } }
      failures { ... on AgentExecution { errorMessage } ... on PipelineExecution { failureReason } ... on Deployment { environment { name } } }
      spend { today } shipped { environment { name } commit { subject } } } }`,
    17,
  ],
];

describe("the number of SQL statements does not grow with the rows", () => {
  it.each(LISTS)("%s", async (_name, document, expected) => {
    expect(await statementsOf(document)).toBe(expected);
  });
});
