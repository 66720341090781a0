/** A document that is meant to cost; `first` is the page that it asks for. */
export interface CostlyDocument {
  readonly name: string;
  text(projectId: string, first: number): string;
}

const repeat = (count: number, one: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => one(at)).join(" ");

const PIPELINE = `id title status branch commitSha durationMs failureReason testResults
  commit { sha } pullRequests { number } deployments { id } jobs { name status } attempts { attempt }`;
const RUN = `id agentType status taskDescription durationMs lastLine cost toolCalls viewerCanCancel viewerCanRetry
  usage { inputTokens outputTokens } steps { name } retries { id } project { name }`;
const ACTIVITY = "id tool category prompt response model occurredAt codeChanges { path diff } user { name }";

const list = (field: string, node: string) => (projectId: string, first: number) =>
  `{ ${field}(projectId: "${projectId}", first: ${first}) { edges { node { ${node} } } } }`;

/** Each selects the one below twice: written out, it would be a million million fields. */
const DOUBLING = `{ viewer { ...f0 } } ${repeat(40, (at) =>
  at < 39
    ? `fragment f${at} on Viewer { ...f${at + 1} ...f${at + 1} }`
    : `fragment f${at} on Viewer { isAdmin }`,
)}`;

/** What is accepted, each for as large a page as it may have, and what has to be refused for less than that. */
export const COSTLY_DOCUMENTS: readonly CostlyDocument[] = [
  { name: "pipelines with all that hangs on them", text: list("pipelineExecutions", PIPELINE) },
  { name: "runs with all that hangs on them", text: list("agentExecutions", RUN) },
  { name: "activities with their texts", text: list("aiActivities", ACTIVITY) },
  {
    name: "thirty lists under names of their own",
    text: (projectId, first) =>
      `{ ${repeat(30, (at) => `a${at}: agentExecutions(projectId: "${projectId}", first: ${first}) { edges { node { id lastLine } } }`)} }`,
  },
  {
    name: "projects with their numbers",
    text: (_, first) =>
      `{ projects(first: ${first}) { edges { node { id name summary { __typename } members { role user { name } } repositories { id } } } } }`,
  },
  { name: "a field five hundred times", text: () => `{ ${repeat(500, () => "__typename")} }` },
  {
    name: "fields to compare with each other",
    text: (projectId) => `{ ${repeat(160, () => `project(id: "${projectId}") { id name }`)} }`,
  },
  { name: "fragments that double forty times", text: () => DOUBLING },
  {
    name: "the schema itself",
    text: () => "{ __schema { types { name description fields { name description args { name } } } } }",
  },
  {
    name: "a value in two thousand brackets",
    text: () => `{ project(id: ${"[".repeat(990)}${"]".repeat(990)}) { id } }`,
  },
  { name: "a text that does not parse", text: () => `{ ${"a{".repeat(900)}` },
];

/** Pages to try, the largest first. */
export const PAGES = [100, 50, 20, 10, 5, 2, 1] as const;
