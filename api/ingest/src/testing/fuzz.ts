import { type Context, encodeId, type Log, SYSTEM, type UserActor } from "@shiplog/core";
import {
  authenticate,
  createApiKey,
  createGithubProvider,
  createInvitation,
  createPasswordResetLink,
  createUser,
} from "@shiplog/core/account";
import { createIntegration, createProject } from "@shiplog/core/project";
import fc from "fast-check";
import { openApiDocument } from "../document.ts";
import { type Document, problemOf } from "./openapi.ts";
import { type GeneratedRequest, requestsOf, type World } from "./requests.ts";
import { OWNER, type RestClient, restClient } from "./rest.ts";

export interface FuzzedOperation {
  readonly name: string;
  /** Sends that many requests, or more until each status of `reached` came; fails on a wrong answer. Answers how often each came. */
  run(numRuns: number, reached?: readonly number[]): Promise<Map<number, number>>;
}

export interface FuzzOptions {
  readonly seed: number;
  /** A context on an empty database. */
  makeContext(overrides: Pick<Context, "log" | "agentTypes">): Promise<Context>;
}

async function makeWorld(ctx: Context, rest: RestClient): Promise<World> {
  const { cookie } = await rest.login();
  // Of its own: a session whose refresh token is sent again and again ends.
  const { accessToken } = await rest.login();
  const ended = await rest.login();
  const project = await createProject(ctx, SYSTEM, { name: "Fuzz" });
  // Before the owner is a member: a member is not invited.
  const tokens = await linksOf(ctx, project.id);
  const now = ctx.clock.now();
  const { id: userId } = await ctx.db.user.findFirstOrThrow({ where: { email: OWNER.email } });
  await ctx.db.projectMember.create({
    data: { projectId: project.id, userId, role: "developer", createdAt: now },
  });
  const folder = ctx.settings.workspaces[0] ?? "";
  await ctx.db.projectWorkspace.create({ data: { projectId: project.id, path: folder, createdAt: now } });
  const source = { projectId: project.id, provider: "github" };
  const { integration, secret } = await createIntegration(ctx, SYSTEM, source);
  const keyOf = async (scope: string) =>
    (await createApiKey(ctx, SYSTEM, { projectId: project.id, name: scope, scopes: [scope] })).secret;
  const known = encodeId("Integration", integration.id);
  const actor = (await authenticate(ctx, ended.accessToken)) as UserActor;
  return {
    values: {
      email: [OWNER.email, "nobody@example.org"],
      password: [OWNER.password],
      projectId: [
        encodeId("Project", project.id),
        encodeId("Project", project.id),
        encodeId("Project", ctx.newId()),
        encodeId("User", userId),
      ],
      path: [folder, "/", "relative"],
      token: tokens,
      id: [encodeId("Session", actor.sessionId), encodeId("Session", ctx.newId())],
      provider: ["github", "github", "github", "gitlab"],
      integrationId: [known, known, known, encodeId("Integration", ctx.newId()), integration.id],
    },
    authorizations: [await keyOf("agent:write"), await keyOf("agent:read"), accessToken].map(
      (one) => `Bearer ${one}`,
    ),
    cookies: [cookie, `shiplog_at=${accessToken}`, "shiplog_at=; shiplog_rt=x"],
    origins: [ctx.settings.publicUrl, "https://evil.example", "null"],
    webhookSecret: secret,
  };
}

/** What stands behind the # of links: a new password, and invitations of a stranger and of the owner. */
async function linksOf(ctx: Context, projectId: string): Promise<string[]> {
  const email = "forgetful@example.org";
  await createUser(ctx, SYSTEM, { email, name: "Forgetful", password: "something or other" });
  const links = [(await createPasswordResetLink(ctx, SYSTEM, { email })).link];
  for (const invited of ["guest@example.org", OWNER.email]) {
    const input = { projectId, email: invited, role: "viewer" };
    links.push((await createInvitation(ctx, SYSTEM, input)).link ?? "");
  }
  return links.map((link) => new URL(link).hash.slice(1));
}

/** At most so many times `numRuns` requests are sent until every wanted status was answered. */
const ROUNDS = 10;

/** Every operation of the document, to be sent valid and broken requests. */
export async function fuzzRest({ seed, makeContext }: FuzzOptions): Promise<FuzzedOperation[]> {
  const failures: object[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void failures.push(fields) };
  const analyze = { type: "analyze", description: "Reads a project", needsWorkspace: true };
  const ctx = await makeContext({ log, agentTypes: [analyze] });
  const away = () => Promise.reject(new Error("no request leaves"));
  const github = createGithubProvider({
    url: "https://github.com",
    clientId: "x",
    clientSecret: "x",
    fetch: away,
  });
  const rest = await restClient(ctx, { signIn: { providers: [github], signup: [] } });
  const world = await makeWorld(ctx, rest);
  const document = openApiDocument(rest.app) as Document;
  const send = async ({ path, ...init }: GeneratedRequest) => {
    const response = await rest.app.request(path, init);
    return {
      status: response.status,
      contentType: response.headers.get("content-type"),
      text: await response.text(),
    };
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: operation.operationId,
      async run(numRuns: number, reached: readonly number[] = []) {
        const statuses = new Map<number, number>();
        const property = fc.asyncProperty(
          requestsOf(document, { method, path, operation }, world),
          async (request) => {
            const answer = await send(request);
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            if (answer.status >= 500)
              throw new Error(`${answer.status} ${answer.text} ${JSON.stringify(failures.at(-1))}`);
            const problem = problemOf(document, operation, answer);
            if (problem) throw new Error(`${problem}\n${answer.text}`);
          },
        );
        // What must be reached may be rare: further rounds with further seeds, still the same for the same seed.
        for (let round = 0; round < ROUNDS; round++) {
          await fc.assert(property, { numRuns, seed: seed + round });
          if (reached.every((status) => statuses.has(status))) break;
        }
        return statuses;
      },
    })),
  );
}
