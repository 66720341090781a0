import { ApiKey } from "../account/type.ts";
import { builder } from "../builder.ts";
import { Commit } from "../pipeline/commit.ts";
import { AIActivityCategory } from "../shared/enums.ts";
import { ID } from "../shared/node.ts";
import { TokenUsage, USAGE_COLUMNS } from "../shared/usage.ts";

const CodeChange = builder.prismaObject("AIActivityCodeChange", {
  name: "CodeChange",
  select: { activityId: true, index: true },
  description: "A file that an AI activity changed.",
  fields: (t) => ({
    path: t.exposeString("path", { description: "In the repository." }),
    diff: t.exposeString("diff", { nullable: true, description: "Unified diff; null when it was not sent." }),
    added: t.exposeInt("added", { description: "Lines added." }),
    removed: t.exposeInt("removed", { description: "Lines removed." }),
  }),
});

export const AIActivity = builder.prismaNode("AIActivity", {
  id: ID,
  select: { id: true },
  description: "One prompt to an AI tool, what came of it and what it cost.",
  fields: (t) => ({
    project: t.relation("project", { description: "Whose it is." }),
    tool: t.exposeString("tool", {
      description: "chatgpt, claude, copilot, cursor, codex, gemini or other.",
    }),
    category: t.expose("category", { type: AIActivityCategory, description: "What it was for." }),
    user: t.relation("user", {
      nullable: true,
      description: "Who asked; null when an API key recorded it, or the account is gone.",
    }),
    apiKey: t.relation("apiKey", {
      type: ApiKey,
      nullable: true,
      description: "The API key that recorded it; null when a person did, or the key is gone.",
    }),
    prompt: t.string({
      nullable: true,
      description: "What was asked; null when it was not sent, or after its retention.",
      select: { content: { select: { prompt: true, response: true } } },
      resolve: (row) => row.content?.prompt ?? null,
    }),
    response: t.string({
      nullable: true,
      description: "What was answered; null when it was not sent, or after its retention.",
      select: { content: { select: { prompt: true, response: true } } },
      resolve: (row) => row.content?.response ?? null,
    }),
    decision: t.exposeString("decision", {
      nullable: true,
      description: "What the person made of it, e.g. accepted; null when not told.",
    }),
    model: t.exposeString("model", { nullable: true, description: "The model; null when not told." }),
    usage: t.field({
      type: TokenUsage,
      description: "Its tokens; all 0 when not told.",
      select: USAGE_COLUMNS,
      resolve: (row) => row,
    }),
    cost: t.field({
      type: "USD",
      nullable: true,
      description: "What it cost: as the tool reported it, else by the price table; null when neither knows.",
      select: { costReportedNanos: true, costComputedNanos: true },
      resolve: (row) => row.costReportedNanos ?? row.costComputedNanos,
    }),
    costReported: t.expose("costReportedNanos", {
      type: "USD",
      nullable: true,
      description: "As the tool reported it; null when it did not.",
    }),
    costComputed: t.expose("costComputedNanos", {
      type: "USD",
      nullable: true,
      description: "By the price table of the day it happened; null for an unknown model, never 0 for that.",
    }),
    sessionId: t.string({
      nullable: true,
      description: "The tool's own id of the conversation; null when not told.",
      select: { session: { select: { externalId: true } } },
      resolve: (row) => row.session?.externalId ?? null,
    }),
    commitSha: t.exposeString("commitSha", { nullable: true, description: "Null when no commit is linked." }),
    commit: t.relation("commit", {
      nullable: true,
      type: Commit,
      description: "The commit; null until a delivery tells of it, and for keys without pipeline:read.",
      authScopes: { can: "pipeline.read" },
      unauthorizedResolver: () => null,
    }),
    codeChanges: t.relation("changes", {
      type: CodeChange,
      description: "The files it changed.",
      query: { orderBy: { index: "asc" } },
    }),
    linesAdded: t.exposeInt("linesAdded", { description: "Lines added in all files." }),
    linesRemoved: t.exposeInt("linesRemoved", { description: "Lines removed in all files." }),
    occurredAt: t.expose("occurredAt", {
      type: "DateTime",
      description: "When it happened; lists sort by it.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was recorded." }),
  }),
});

builder.prismaObjectField(Commit, "activities", (t) =>
  t.relation("activities", {
    description: "AI activity linked to it, newest first; empty for keys without activity:read.",
    query: { orderBy: [{ occurredAt: "desc" }, { id: "desc" }] },
    authScopes: { can: "activity.read" },
    unauthorizedResolver: () => [] as never,
  }),
);
