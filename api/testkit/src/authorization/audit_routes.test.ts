import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeId, SYSTEM } from "@shiplog/core";
import {
  authenticate,
  createGithubProvider,
  createInvitation,
  createPasswordResetLink,
  createUser,
} from "@shiplog/core/account";
import { createRestApp } from "@shiplog/ingest";
import { afterAll, describe, expect, test } from "vitest";
import { createTestClock } from "../clock.ts";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { makePerson } from "../people.ts";
import { ROOT } from "../structure/sources.ts";
import {
  ADDRESS,
  auditReader,
  type Call,
  delivery,
  type Expected,
  ended,
  nothing,
  one,
  session,
} from "./audit.ts";
import { makeCallers } from "./people.ts";
import { makeTarget } from "./target.ts";

const PASSWORD = "a password for tests";
const database = await testDatabase();
const clock = createTestClock();
const folder = await realpath(await mkdtemp(join(tmpdir(), "shiplog-ws-")));
afterAll(() => rm(folder, { recursive: true }));
const ctx = await makeContext(database, {
  clock,
  settings: { workspaces: [folder] },
  agentTypes: [{ type: "analyze", description: "Looks", needsWorkspace: true }],
});
const github = createGithubProvider({
  url: "https://github.com",
  clientId: "x",
  clientSecret: "x",
  fetch: () => Promise.reject(new Error("no request leaves")),
});
const app = createRestApp(ctx, {
  addressOf: () => ADDRESS,
  signIn: { providers: [github], signup: [] },
});
const { send, check } = auditReader(app, database);

const ours = await makeTarget(ctx, "ours", folder);
const { projectId } = ours.rows;
const callers = await makeCallers(ctx, { projectId, externalId: ours.externalId });
function caller(name: string) {
  const found = callers.find((one) => one.name === name);
  if (!found?.actor) throw new Error(`no caller ${name}`);
  return { ...found, actor: found.actor };
}
const [viewer, developer, stranger] = [caller("viewer"), caller("developer"), caller("stranger")];
const [readKey, fullKey] = [caller("project key, read"), caller("project key, all")];
const readToken = caller("token, read");

/** Whose session an answer begins. */
const whose = (answer: { data: { accessToken: string } }) => authenticate(ctx, answer.data.accessToken);

/** A further session of somebody. */
async function login({ email }: { readonly email: string }) {
  const { body } = await send("POST /api/v1/auth/login", { body: { email, password: PASSWORD } });
  const { accessToken, refreshToken } = body.data;
  const actor = await whose(body);
  if (actor?.type !== "user") throw new Error("not signed in");
  return { accessToken, refreshToken, actor, path: pathOf(encodeId("Session", actor.sessionId)) };
}
const pathOf = (session: string) => `/api/v1/auth/sessions/${session}`;
const secretOf = (link: string | null) => new URL(link ?? "").hash.slice(1);
const invite = async (email: string) =>
  secretOf((await createInvitation(ctx, SYSTEM, { projectId, email, role: "viewer" })).link);

const NOBODY =
  "Nobody in particular leaves no entry: he must not be able to fill a log that cannot be emptied.";
const RUBBISH =
  "The secret is of nothing that is open, so nobody and no object is known; as for nobody above.";
const signedIn = await login(viewer);
const [leaving, everywhere] = [await login(viewer), await login(stranger)];
const other = await login(developer);
const forgetful = await makePerson(ctx);
const usedLink = secretOf((await createPasswordResetLink(ctx, SYSTEM, { email: forgetful.email })).link);
const guestLink = await invite("guest@example.net");
const takenLink = await invite("taken@example.net");
const taken = { email: "taken@example.net", name: "Taken", password: PASSWORD };
await createUser(ctx, SYSTEM, taken);
const loner = await login(taken);

const started = (outcome: Expected["outcome"], more: Partial<Expected>): Expected => ({
  action: "agent_execution.start",
  outcome,
  projectId,
  target: null,
  ...more,
});
const received = (outcome: Expected["outcome"], more: Partial<Expected>): Expected => ({
  action: "delivery.receive",
  outcome,
  projectId,
  target: "Integration",
  ...more,
});
const joined = (outcome: Expected["outcome"]): Expected => ({
  action: "invitation.accept",
  outcome,
  projectId,
  target: "Invitation",
});

const SEALED =
  "Nothing is stored: the browser gets a sealed cookie; what follows has its entry when it comes back.";
const [LINK, JOIN] = ["/api/v1/auth/github/link", "/api/v1/auth/github/join"];
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  "POST /api/v1/auth/login": [
    one(
      "the right password",
      200,
      () => ({ body: { email: viewer.email, password: PASSWORD } }),
      async (answer) => session("succeeded", { actor: await whose(answer), target: "Session" }),
    ),
    one(
      "a wrong one",
      401,
      () => ({ body: { email: viewer.email, password: "wrong" } }),
      () => session("refused", { target: "User" }),
    ),
    one(
      "an address that nobody has",
      401,
      () => ({ body: { email: "none@example.net", password: PASSWORD } }),
      () => session("refused"),
    ),
  ],
  "POST /api/v1/auth/refresh": [
    nothing(
      "a token that is due",
      200,
      () => ({ body: { refreshToken: signedIn.refreshToken } }),
      "Every page does so every quarter of an hour, and nobody gains or loses access by it.",
    ),
    nothing("a token that is none", 401, () => ({ body: { refreshToken: "rft_none" } }), RUBBISH),
    one(
      "a token that was used before",
      401,
      () => {
        clock.advance(11_000);
        return { body: { refreshToken: signedIn.refreshToken } };
      },
      () => ({ action: "session.reuse", outcome: "refused", target: "Session" }),
    ),
  ],
  "DELETE /api/v1/auth/sessions/{id}": [
    one(
      "a stranger",
      404,
      () => ({ path: other.path, token: stranger.token }),
      () => ended("refused", { actor: stranger.actor }),
    ),
    one(
      "a key",
      403,
      () => ({ path: other.path, token: fullKey.token }),
      () => ended("refused", { actor: fullKey.actor, target: null }),
    ),
    one(
      "an id of something else",
      404,
      () => ({ path: pathOf(ours.project), token: developer.token }),
      () => ended("refused", { actor: developer.actor, target: null }),
    ),
    nothing("nobody", 401, () => ({ path: other.path }), NOBODY),
    one(
      "himself",
      200,
      () => ({ path: other.path, token: developer.token }),
      () => ended("succeeded", { actor: developer.actor }),
    ),
  ],
  "POST /api/v1/auth/password-reset": [
    one(
      "an address that somebody has",
      202,
      () => ({ body: { email: viewer.email } }),
      () => ({ action: "password_reset.request", outcome: "succeeded", target: "User" }),
    ),
    one(
      "one that nobody has",
      202,
      () => ({ body: { email: "none@example.net" } }),
      () => ({ action: "password_reset.request", outcome: "succeeded", target: null }),
    ),
    nothing(
      "too often for one address",
      202,
      async () => {
        const body = { email: "often@example.net" };
        for (let i = 0; i < 5; i++) await send("POST /api/v1/auth/password-reset", { body });
        return { body };
      },
      "The wish is dropped without a word, and nothing is stored.",
    ),
  ],
  "POST /api/v1/auth/password-reset/confirm": [
    one(
      "an open link",
      200,
      () => ({ body: { token: usedLink, password: "another password" } }),
      () => ({ action: "password.reset", outcome: "succeeded", target: "User" }),
    ),
    nothing("a used one", 410, () => ({ body: { token: usedLink, password: "another password" } }), RUBBISH),
  ],
  "POST /api/v1/auth/invitations/preview": [
    nothing("an open link", 200, () => ({ body: { token: guestLink } }), "It shows; nothing changes."),
    nothing("no link", 410, () => ({ body: { token: "inv_none" } }), RUBBISH),
  ],
  "POST /api/v1/auth/invitations/accept": [
    {
      what: "an open link",
      status: 200,
      request: () => ({ body: { token: guestLink, name: "Guest", password: PASSWORD } }),
      leaves: async (answer) => [
        joined("succeeded"),
        session("succeeded", { actor: await whose(answer), target: "Session" }),
      ],
      why: "Two things happen in one transaction: a member joins, and a session of his begins as any other does.",
    },
    nothing(
      "a used one",
      410,
      () => ({ body: { token: guestLink, name: "Guest", password: PASSWORD } }),
      RUBBISH,
    ),
    one(
      "an address that somebody has",
      409,
      () => ({ body: { token: takenLink, name: "Guest", password: PASSWORD } }),
      () => joined("failed"),
    ),
  ],
  "POST /api/v1/auth/logout": [
    one(
      "a session",
      200,
      () => ({ token: leaving.accessToken, body: {} }),
      () => ended("succeeded", { actor: leaving.actor }),
    ),
    one(
      "everywhere",
      200,
      () => ({ token: everywhere.accessToken, body: { everywhere: true } }),
      () => ({
        action: "sessions.end",
        outcome: "succeeded",
        actor: everywhere.actor,
        target: "User",
      }),
    ),
    nothing(
      "a session that has ended",
      200,
      () => ({ token: leaving.accessToken, body: {} }),
      "Nothing ends.",
    ),
    nothing("nobody", 200, () => ({ body: {} }), "Nothing ends."),
  ],
  "POST /api/v1/auth/{provider}/link": [
    nothing("a person", 200, () => ({ path: LINK, token: viewer.token, body: {} }), SEALED),
    nothing(
      "a key",
      401,
      () => ({ path: LINK, token: fullKey.token, body: {} }),
      "As above: nothing would change.",
    ),
  ],
  "POST /api/v1/auth/{provider}/join": [
    nothing("an open link", 200, () => ({ path: JOIN, body: { token: takenLink } }), SEALED),
    nothing("no link", 410, () => ({ path: JOIN, body: { token: "inv_none" } }), RUBBISH),
  ],
  "POST /api/v1/agents/analyze": [
    one(
      "a developer",
      202,
      () => ({ token: developer.token, body: { projectId: ours.project, path: folder } }),
      () => started("succeeded", { actor: developer.actor, target: "AgentExecution" }),
    ),
    one(
      "a viewer",
      403,
      () => ({ token: viewer.token, body: { projectId: ours.project } }),
      () => started("refused", { actor: viewer.actor }),
    ),
    one(
      "a key that may only read",
      403,
      () => ({ token: readKey.token, body: { projectId: ours.project } }),
      () => started("refused", { actor: readKey.actor }),
    ),
    one(
      "a token of a stream",
      404,
      () => ({ token: readToken.token, body: { projectId: ours.project } }),
      () => started("refused", { actor: readToken.actor }),
    ),
    one(
      "a person of no project",
      404,
      () => ({ token: loner.accessToken, body: { projectId: ours.project } }),
      () => started("refused", { actor: loner.actor }),
    ),
    one(
      "an id of something else",
      404,
      () => ({ token: developer.token, body: { projectId: ours.session } }),
      () => started("refused", { actor: developer.actor, projectId: null }),
    ),
    nothing("nobody", 401, () => ({ body: { projectId: ours.project } }), NOBODY),
  ],
  "POST /api/v1/webhooks/{provider}/{integrationId}": [
    one(
      "a signed delivery",
      202,
      () => delivery(ours.hook.id, ours.hook.secret, 1),
      () => received("succeeded", { actorType: "integration", target: "WebhookDelivery" }),
    ),
    one(
      "the same again",
      200,
      () => delivery(ours.hook.id, ours.hook.secret, 1),
      () => received("succeeded", { actorType: "integration", target: "WebhookDelivery" }),
    ),
    one(
      "a wrong signature",
      401,
      () => delivery(ours.hook.id, "wrong", 2),
      () => received("refused", {}),
    ),
    nothing(
      "another one at once",
      401,
      () => delivery(ours.hook.id, "wrong", 3),
      "One in five seconds: whoever knows the URL must not write at his own pace.",
    ),
    nothing(
      "an integration that is none",
      404,
      () => delivery(encodeId("Integration", ctx.newId()), ours.hook.secret, 4),
      NOBODY,
    ),
  ],
};

const MUTATING = ["post", "put", "patch", "delete"];
const text = await readFile(join(ROOT, "api/ingest/openapi.json"), "utf8");
const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, object>> };
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => MUTATING.includes(method))
    .map((method) => `${method.toUpperCase()} ${path}`),
);

test("every route that changes something is called here, let in and refused", () => {
  expect(Object.keys(CALLS).toSorted()).toEqual(operations.toSorted());
  const never = operations.filter((name) => {
    const statuses = (CALLS[name] ?? []).map(({ status }) => status);
    return !statuses.some((status) => status < 300) || !statuses.some((status) => status >= 400);
  });
  // Neither tells anybody that it did nothing.
  expect(never).toEqual(["POST /api/v1/auth/password-reset", "POST /api/v1/auth/logout"]);
});

describe.each(operations)("%s", (operation) => {
  test.each([...(CALLS[operation] ?? [])])("leaves in the audit log what it should: $what", async (call) => {
    const { got, wanted } = await check(operation, call);
    expect(got).toEqual(wanted);
    expect(wanted.entries.length === 1).toBe(call.why === undefined);
  });
});

// A delivery is believed by its signature, wherever it comes from.
const ofPages = operations.filter((operation) => !operation.includes("/webhooks/"));

test.each(ofPages)("%s leaves nothing when another site's page calls it", async (operation) => {
  const cookie = `shiplog_at=${developer.token}`;
  const headers = { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const { status, entries } = await send(operation, { headers, body: {} });
  expect([status, entries]).toEqual([403, []]);
});
