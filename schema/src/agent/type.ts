import { ApiKey } from "../account/type.ts";
import { builder } from "../builder.ts";
import { durationMs } from "../shared/batch.ts";
import { AgentExecutionStatus } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { TokenUsage, USAGE_COLUMNS } from "../shared/usage.ts";

const AgentStep = builder.prismaObject("AgentStep", {
  select: { executionId: true, index: true },
  description: "A committed step; after a takeover the run resumes behind the last one.",
  fields: (t) => ({
    index: t.exposeInt("index", { description: "Its place, from 0." }),
    name: t.exposeString("name", { description: "As the agent names it." }),
    output: t.expose("output", { type: "JSON", description: "What it left for the steps after it." }),
    startedAt: t.expose("startedAt", { type: "DateTime", description: "When it began." }),
    completedAt: t.expose("completedAt", { type: "DateTime", description: "When it was committed." }),
  }),
});

/** A token that appends sees the run itself when it ends it; its log, and what leads away from it, are closed. */
export const LED_AWAY = { authScopes: { signedIn: true } } as const;

export const AgentExecution = builder.prismaNode("AgentExecution", {
  id: ID,
  select: { id: true },
  description: "One run of an agent, carried out by Shiplog or streamed in from outside.",
  fields: (t) => ({
    project: t.relation("project", { ...LED_AWAY, description: "Whose it is." }),
    agentType: t.exposeString("agentType", { description: "Which agent, e.g. analyze or claude-code." }),
    taskDescription: t.exposeString("taskDescription", {
      description: "What it was asked to do; empty if nobody said, and from `contentRemovedAt` on.",
    }),
    status: t.expose("status", { type: AgentExecutionStatus, description: "Where it stands." }),
    external: t.exposeBoolean("external", { description: "It runs outside and streams in through the API." }),
    inputData: t.expose("inputData", {
      type: "JSON",
      description: "Its input, as given; empty from `contentRemovedAt` on.",
    }),
    outputData: t.expose("outputData", {
      type: "JSON",
      nullable: true,
      description:
        "Its result; null until it completes, for runs that leave none, and from `contentRemovedAt` on.",
    }),
    errorMessage: t.exposeString("errorMessage", {
      nullable: true,
      description: "Why it failed; null otherwise.",
    }),
    attempt: t.exposeInt("attempt", {
      description: "How often a worker took it up: 0 before the first, 2 after one takeover.",
    }),
    retryOf: t.relation("retryOf", {
      ...LED_AWAY,
      nullable: true,
      description: "The run that this one retries; null if none.",
    }),
    retries: t.relation("retries", {
      ...LED_AWAY,
      description: "Runs that retry this one, newest first.",
      query: { orderBy: [{ createdAt: "desc" }, { id: "desc" }] },
    }),
    createdBy: t.relation("createdBy", {
      ...LED_AWAY,
      nullable: true,
      description:
        "Who started it, himself or by a key of his; null when a project's key did, or the account is gone.",
    }),
    createdByKey: t.relation("createdByKey", {
      ...LED_AWAY,
      type: ApiKey,
      nullable: true,
      description: "The API key that started it; null when a person did, or the key is gone.",
    }),
    usage: t.field({
      type: TokenUsage,
      description: "Tokens of all its model requests so far.",
      select: USAGE_COLUMNS,
      resolve: (row) => row,
    }),
    cost: t.expose("costNanos", {
      type: "USD",
      nullable: true,
      description: "What its priced usage cost so far; null while nothing was priced. See `unpricedUsages`.",
    }),
    unpricedUsages: t.exposeInt("unpricedUsages", {
      description: "Usages whose model has no known price; `cost` is too low by those.",
    }),
    toolCalls: t.exposeInt("toolCalls", { description: "Tool calls so far." }),
    model: t.exposeString("model", { nullable: true, description: "The model last used; null without one." }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it starts.",
    }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "Null until it ends.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      description: "When it was asked for; lists sort by it.",
    }),
    contentRemovedAt: t.expose("contentRemovedAt", {
      type: "DateTime",
      nullable: true,
      description:
        "When the project's retention took its task, input and result; null while they are kept. See `Retention.contentDays`.",
    }),
    durationMs: t.float({
      nullable: true,
      description: "Milliseconds from start to end; null until it ends.",
      select: { startedAt: true, completedAt: true },
      resolve: durationMs,
    }),
    cancelRequestedAt: t.expose("cancelRequestedAt", {
      type: "DateTime",
      nullable: true,
      description: "When somebody asked it to stop; null if nobody did.",
    }),
    steps: t.relation("steps", {
      type: AgentStep,
      description: "Its committed steps.",
      query: { orderBy: { index: "asc" } },
    }),
  }),
});
