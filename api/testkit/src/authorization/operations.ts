import { createHmac } from "node:crypto";
import { encodeId } from "@shiplog/core";
import type { Caller } from "./people.ts";
import type { Target } from "./target.ts";

/**
 * What an operation is about. project: something of a project. personal: something of the caller, or of somebody
 * else. instance: neither.
 */
type About = "project" | "personal" | "instance";

export interface GraphqlCase {
  /** Beside the field's name, where a field has several cases. */
  readonly label?: string;
  readonly about: About;
  readonly document: string;
  readonly variables: (target: Target, caller: Caller) => Record<string, unknown>;
  /** Whether data that came without an error shows something; what is not null unless said. */
  // biome-ignore lint/suspicious/noExplicitAny: the case knows the shape of its own selection.
  readonly shows?: (it: any, target: Target) => boolean;
}

const ID_OF = (name: keyof Target) => (target: Target) => ({ id: target[name] });

const page = (field: string): GraphqlCase => ({
  about: "project",
  document: `query ($id: ID!) { it: ${field}(projectId: $id) { edges { node { id } } } }`,
  variables: ID_OF("project"),
  shows: (it) => it.edges.length > 0,
});

const one = (field: string, name: keyof Target, selection = "id"): GraphqlCase => ({
  about: "project",
  document: `query ($id: ID!) { it: ${field}(id: $id) { ${selection} } }`,
  variables: ID_OF(name),
});

const whole = (document: string, shows?: GraphqlCase["shows"]): GraphqlCase => ({
  about: "instance",
  document,
  variables: () => ({}),
  ...(shows && { shows }),
});

const NODE_TYPES: readonly (keyof Target["nodes"])[] = [
  ...["Project", "ProjectMember", "User", "ApiKey", "Integration", "Invitation", "WebhookDelivery"],
  ...["Repository", "Commit", "PullRequest", "PipelineExecution", "PipelineJob", "Environment"],
  ...["Deployment", "AgentExecution", "AIActivity", "EventContent"],
];

/** What of a project only some may see. */
const GUARDED = ["members", "integrations", "apiKeys", "invitations", "summary", "workspaces"];
const INNER: Readonly<Record<string, string>> = { summary: " { running }", workspaces: "" };

const inProject = (field: string): GraphqlCase => ({
  ...one("project", "project", `${field}${INNER[field] ?? " { id }"}`),
  label: field,
  shows: (it) => it !== null && it[field] !== null,
});

/** Of each field of Query at least one case. */
export const QUERIES: Readonly<Record<string, readonly GraphqlCase[]>> = {
  agentExecution: [one("agentExecution", "execution")],
  agentExecutions: [page("agentExecutions")],
  agentTypes: [whole("{ it: agentTypes { name } }")],
  aiActivities: [page("aiActivities")],
  auditEntries: [
    page("auditEntries"),
    { ...whole("{ it: auditEntries { edges { node { id } } } }"), label: "all" },
    {
      about: "project",
      label: "all, details",
      document: "{ it: auditEntries(first: 100) { edges { node { projectId details } } } }",
      variables: () => ({}),
      shows: (it, { project }) =>
        it.edges.some(({ node }: { node: { projectId: string; details: unknown } }) => {
          return node.projectId === project && node.details !== null;
        }),
    },
  ],
  deployments: [page("deployments")],
  eventContent: [one("eventContent", "content", "body")],
  node: NODE_TYPES.map((type) => ({
    about: "project",
    label: type,
    document: "query ($id: ID!) { it: node(id: $id) { __typename id } }",
    variables: ({ nodes }) => ({ id: nodes[type] }),
    shows: (it) => it.__typename === type,
  })),
  nodes: [
    {
      about: "project",
      document: "query ($ids: [ID!]!) { it: nodes(ids: $ids) { id } }",
      variables: ({ nodes }) => ({ ids: Object.values(nodes) }),
      shows: (it) => it.some((node: unknown) => node !== null),
    },
  ],
  overview: [
    {
      about: "project",
      document: "query ($id: ID) { it: overview(projectId: $id) { shipped { id } running { __typename } } }",
      variables: ID_OF("project"),
      shows: (it) => it.shipped.length > 0 || it.running.length > 0,
    },
  ],
  passwordResetRequests: [whole("{ it: passwordResetRequests { email } }")],
  pipelineExecution: [one("pipelineExecution", "pipeline")],
  pipelineExecutions: [page("pipelineExecutions")],
  project: [
    one("project", "project"),
    {
      ...one("project", "project"),
      label: "slug",
      document: "query ($slug: String!) { it: project(slug: $slug) { id } }",
      variables: ({ slug }) => ({ slug }),
    },
    ...GUARDED.map(inProject),
  ],
  projects: [
    {
      about: "project",
      document: "{ it: projects { edges { node { id } } } }",
      variables: () => ({}),
      shows: (it, { project }) => it.edges.some((edge: { node: { id: string } }) => edge.node.id === project),
    },
  ],
  rateLimit: [whole("{ it: rateLimit { limit } }")],
  users: [whole("{ it: users { edges { node { id } } } }", (it) => it.edges.length > 0)],
  viewer: [
    whole("{ it: viewer { user { id } } }", (it) => it !== null),
    { ...whole("{ it: viewer { sessions { id } } }", (it) => it?.sessions != null), label: "sessions" },
    {
      about: "project",
      label: "powers",
      document: "query ($id: ID!) { it: viewer { powers(projectId: $id) } }",
      variables: ID_OF("project"),
      shows: (it) => it.powers.length > 0,
    },
  ],
  webhookDeliveries: [page("webhookDeliveries")],
  workspaces: [whole("{ it: workspaces { path } }", (it) => it.length > 0)],
};

const stream = (field: string, argument: string, name: keyof Target): GraphqlCase => ({
  about: "project",
  document: `subscription ($id: ID!) { it: ${field}(${argument}: $id, tail: 0) { cursor } }`,
  variables: ID_OF(name),
});

/** Of each field of Subscription a case. */
export const SUBSCRIPTIONS: Readonly<Record<string, readonly GraphqlCase[]>> = {
  agentExecutionEvents: [stream("agentExecutionEvents", "id", "external")],
  pipelineExecutionEvents: [stream("pipelineExecutionEvents", "id", "pipeline")],
  projectEvents: [stream("projectEvents", "projectId", "project")],
};

type Input = (target: Target, caller: Caller) => Record<string, unknown>;

interface MutationCase {
  readonly label?: string;
  readonly about: About;
  readonly input: Input;
}

const PASSWORD = "a password for tests";
const own = (input: Input, about: About = "project", label = ""): MutationCase[] => [
  { about, input, ...(label && { label }) },
];
const byId = (name: keyof Target) => own(ID_OF(name));
const projectId = ({ project }: Target) => ({ projectId: project });

/** Of each field of Mutation an input or several that succeed for whoever may. */
export const MUTATIONS: Readonly<Record<string, readonly MutationCase[]>> = {
  acceptInvitation: own(({ invitationToken }) => ({ token: invitationToken })),
  addProjectMember: [
    ...own((target) => ({ ...projectId(target), email: "bystander@example.org", role: "viewer" })),
    ...own((target, { email }) => ({ ...projectId(target), email, role: "viewer" }), "project", "himself"),
  ],
  appendAgentExecutionEvents: own(({ external }) => ({ id: external, events: [] })),
  cancelAgentExecution: byId("execution"),
  changePassword: own(() => ({ currentPassword: PASSWORD, newPassword: "another password" }), "instance"),
  createApiKey: [
    ...own((target) => ({ ...projectId(target), name: "Made", scopes: ["agent:read"] })),
    ...own(() => ({ name: "Made", scopes: ["agent:read"] }), "instance", "personal"),
  ],
  createIntegration: own((target) => ({ ...projectId(target), provider: "GITHUB", name: "Made" })),
  createInvitation: own((target) => ({ ...projectId(target), email: "new@example.org", role: "viewer" })),
  createPasswordResetLink: own(() => ({ email: "bystander@example.org" }), "instance"),
  createProject: own(() => ({ name: "Made" }), "instance"),
  createStreamToken: [
    ...own(({ external }) => ({ executionId: external, permissions: ["READ"] }), "project", "read"),
    ...own(({ external }) => ({ executionId: external, permissions: ["APPEND"] }), "project", "append"),
  ],
  createUser: own(() => ({ email: "made@example.org", name: "Made", password: PASSWORD }), "instance"),
  deleteIntegration: byId("integration"),
  deleteProject: byId("project"),
  endSession: own(({ session }, { own }) => ({ id: own?.session ?? session }), "personal"),
  updateProfile: own(() => ({ name: "Called anew" }), "instance"),
  endSessions: own(() => ({}), "instance"),
  finishAgentExecution: own(({ external }) => ({ id: external, status: "COMPLETED" })),
  linkWorkspace: own((target) => ({ ...projectId(target), path: target.path })),
  recordAIActivity: own((target) => ({ ...projectId(target), tool: "claude", prompt: "p" })),
  removeProjectMember: [
    ...byId("member"),
    ...own(
      ({ rows, member }, { own }) => {
        return { id: own ? encodeId("ProjectMember", rows.projectId, own.userId) : member };
      },
      "project",
      "himself",
    ),
  ],
  reprocessDelivery: byId("delivery"),
  retryAgentExecution: own(({ ended, path }) => ({ id: ended, inputData: { path } })),
  revokeApiKey: byId("apiKey"),
  revokeInvitation: byId("invitation"),
  rotateApiKey: byId("apiKey"),
  rotateSigningKey: own(() => ({}), "instance"),
  startAgentExecution: own((target) => ({ ...projectId(target), agentType: "ci", external: true })),
  unlinkIdentity: own(({ identity }, { own }) => ({ id: own?.identity ?? identity }), "personal"),
  unlinkWorkspace: own((target) => ({ ...projectId(target), path: target.path })),
  updateProject: own(({ project }) => ({ id: project, name: "Renamed" })),
  updateProjectMember: own(({ member }) => ({ id: member, role: "developer" })),
  updateUser: own(({ user }) => ({ id: user, isDisabled: true }), "instance"),
  updateProjectRetention: own((target) => ({ ...projectId(target), contentDays: 30 })),
};

export interface RestCase {
  readonly about: About;
  readonly path?: (target: Target, caller: Caller) => string;
  readonly body?: (target: Target, caller: Caller) => unknown;
  /** `secret`: of the integration of the own project. */
  readonly headers?: (body: string, secret: string) => Record<string, string>;
}

const simple: RestCase = { about: "instance" };
const DELIVERY = { zen: "Keep it logically awesome.", hook_id: 1 };

/** A request for each route; `{}` bodies would be refused before anything is asked. */
export const ROUTES: Readonly<Record<string, RestCase>> = {
  "POST /api/v1/auth/login": {
    ...simple,
    body: () => ({ email: "bystander@example.org", password: PASSWORD }),
  },
  "POST /api/v1/auth/refresh": { ...simple, body: () => ({ refreshToken: "none" }) },
  "GET /api/v1/auth/sessions": simple,
  "DELETE /api/v1/auth/sessions/:id": {
    about: "personal",
    path: ({ session }, { own }) => `/api/v1/auth/sessions/${own?.session ?? session}`,
  },
  "POST /api/v1/auth/password-reset": { ...simple, body: () => ({ email: "bystander@example.org" }) },
  "POST /api/v1/auth/password-reset/confirm": {
    ...simple,
    body: () => ({ token: "pwr_none", password: "another password" }),
  },
  "POST /api/v1/auth/invitations/preview": {
    about: "project",
    body: ({ invitationToken }) => ({ token: invitationToken }),
  },
  "POST /api/v1/auth/invitations/accept": {
    about: "project",
    body: ({ invitationToken }) => ({ token: invitationToken, name: "Guest", password: PASSWORD }),
  },
  "POST /api/v1/auth/logout": simple,
  "GET /api/v1/auth/providers": simple,
  "GET /api/v1/auth/:provider/start": { ...simple, path: () => "/api/v1/auth/oidc/start" },
  "GET /api/v1/auth/:provider/callback": {
    ...simple,
    path: () => "/api/v1/auth/oidc/callback?state=x&code=y",
  },
  "POST /api/v1/auth/:provider/link": { ...simple, path: () => "/api/v1/auth/oidc/link", body: () => ({}) },
  "POST /api/v1/auth/:provider/join": {
    about: "project",
    path: () => "/api/v1/auth/oidc/join",
    body: ({ invitationToken }) => ({ token: invitationToken }),
  },
  "POST /api/v1/agents/analyze": {
    about: "project",
    body: (target) => ({ ...projectId(target), path: target.path }),
  },
  "POST /api/v1/webhooks/:provider/:integrationId": {
    about: "project",
    path: ({ hook }) => `/api/v1/webhooks/github/${hook.id}`,
    body: () => DELIVERY,
    headers: (body, secret) => ({
      "x-github-event": "ping",
      "x-github-delivery": "7a1f0c1e-0000-4000-8000-000000000001",
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    }),
  },
  "GET /health": simple,
  "GET /health/live": simple,
  "GET /health/ready": simple,
  "GET /api/v1/openapi.json": simple,
  "GET /api/docs": simple,
  "GET /api/docs/boot.js": simple,
  "GET /api/docs/reference.js": simple,
};
