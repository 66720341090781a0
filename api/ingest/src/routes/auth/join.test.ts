import { encodeId, SYSTEM } from "@shiplog/core";
import { createInvitation, createOidcProvider, revokeInvitation } from "@shiplog/core/account";
import { createProject } from "@shiplog/core/project";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { afterAll, expect, test } from "vitest";
import { startProvider } from "../../testing/oidc.ts";
import { OWNER, restClient } from "../../testing/rest.ts";
import { comeBack, pairOf } from "../../testing/return.ts";

const OWN = "http://127.0.0.1:4000";
const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const op = await startProvider(`${OWN}/api/v1/auth/oidc/callback`);
afterAll(() => op.close());

const secret = op.client.secret;
const oidc = createOidcProvider({
  issuer: op.issuer,
  clientId: op.client.id,
  clientSecret: secret,
  label: "Example",
  fetch,
});
// Nobody gets an account without having been invited.
const rest = await restClient(ctx, { signIn: { providers: [oidc], signup: [] } });
const project = await createProject(ctx, SYSTEM, { name: "Pier" });
const projectId = project.id;

const address = () => `${crypto.randomUUID()}@example.org`;

async function invite(email = address()) {
  const { invitation, link } = await createInvitation(ctx, SYSTEM, { projectId, email, role: "developer" });
  return { id: invitation.id, email, token: new URL(link ?? "").hash.slice(1) };
}

/** Somebody new at the provider, who sits down at the browser. */
function arrive(claims: object = {}): string {
  op.account = `sub-${crypto.randomUUID()}`;
  op.people.set(op.account, { name: "Ada", ...claims });
  return op.account;
}

const startJoin = (token: string, headers: Record<string, string> = {}) =>
  rest.post("/api/v1/auth/oidc/join", { token }, headers);

/** From the invitation's button to the provider and back, up to our callback. */
async function walk(token: string) {
  const { status, body, cookies } = await startJoin(token);
  expect(status).toBe(200);
  const back = await op.visit(body.data.url);
  return { path: back.pathname + back.search, cookie: pairOf(cookies.get("shiplog_sso")) };
}

const join = async (token: string) => {
  const { path, cookie } = await walk(token);
  return comeBack(rest, path, cookie);
};

const rowOf = (id: string) => ctx.db.invitation.findUniqueOrThrow({ where: { id } });
const REFUSED = (error: string) => ({ status: 303, location: `/invitation?error=${error}` });

test("a stranger joins in one go: account, link, membership and session, under the invitation's address", async () => {
  const invited = await invite();
  const subject = arrive({ email: "somewhere.else@example.org", email_verified: true });
  const end = await join(invited.token);
  expect(end).toMatchObject({ status: 303, location: "/p/pier" });
  expect(end.cookies.get("shiplog_at")).toContain("HttpOnly");
  const user = await ctx.db.user.findUniqueOrThrow({
    where: { email: invited.email },
    include: { identities: true, memberships: true, sessions: true },
  });
  expect(user).toMatchObject({
    name: "Ada",
    passwordHash: null,
    isAdmin: false,
    identities: [{ issuer: op.issuer, subject, provider: "oidc" }],
    memberships: [{ projectId, role: "developer" }],
    sessions: [{ method: "oidc" }],
  });
  expect(await rowOf(invited.id)).toMatchObject({ acceptedById: user.id });
  const entries = await ctx.db.auditEntry.findMany({ where: { targetId: invited.id, outcome: "succeeded" } });
  expect(entries.filter(({ action }) => action === "invitation.accept")).toMatchObject([
    { projectId, details: { method: "oidc", issuer: op.issuer, subject, newUser: true } },
  ]);
  // It was used up: it opens nothing any more, for nobody.
  expect((await startJoin(invited.token)).status).toBe(410);
});

test("who is known joins with the account that the identity is linked to, whatever address was invited", async () => {
  const person = await makePerson(ctx);
  const { userId } = person.actor;
  const link = { id: ctx.newId(), userId, provider: "oidc", issuer: op.issuer, subject: arrive() };
  await ctx.db.userIdentity.create({ data: { ...link, createdAt: clock.now() } });
  const invited = await invite();
  const people = await ctx.db.user.count();
  expect(await join(invited.token)).toMatchObject({ location: "/p/pier" });
  expect(await ctx.db.projectMember.findMany({ where: { userId } })).toMatchObject([
    { projectId, role: "developer" },
  ]);
  expect(await rowOf(invited.id)).toMatchObject({ acceptedById: userId });
  // A member already: signed in, and the next invitation stays open for whom it is meant.
  const next = await invite();
  expect(await join(next.token)).toMatchObject({ location: "/p/pier" });
  expect(await rowOf(next.id)).toMatchObject({ acceptedAt: null });
  expect(await ctx.db.user.count()).toBe(people);
  await ctx.db.user.update({ where: { id: userId }, data: { disabledAt: clock.now() } });
  expect(await join(next.token)).toMatchObject(REFUSED("disabled"));
});

test("an address finds nobody: neither the provider's word nor the invitation links to an account that is there", async () => {
  const invited = await invite();
  const there = await makePerson(ctx);
  await ctx.db.user.update({ where: { id: there.actor.userId }, data: { email: invited.email } });
  arrive({ email: invited.email, email_verified: true });
  expect(await join(invited.token)).toMatchObject(REFUSED("email_taken"));
  expect(await rowOf(invited.id)).toMatchObject({ acceptedAt: null });
  const { userId } = there.actor;
  expect(await ctx.db.userIdentity.count({ where: { userId } })).toBe(0);
  expect(await ctx.db.projectMember.count({ where: { userId } })).toBe(0);
  // The owner's address is no way in either.
  arrive({ email: OWNER.email, email_verified: true });
  const open = await invite();
  expect(await join(open.token)).toMatchObject({ location: "/p/pier" });
  const owner = { email: OWNER.email };
  expect(await ctx.db.userIdentity.count({ where: { user: owner } })).toBe(0);
});

test("of several who come back with one invitation one joins; the others get nothing, not even an account", async () => {
  const invited = await invite();
  const walks = [];
  for (const _ of [1, 2, 3]) {
    arrive();
    walks.push({ account: op.account, ...(await walk(invited.token)) });
  }
  const people = await ctx.db.user.count();
  const ends = await Promise.all(walks.map(({ path, cookie }) => comeBack(rest, path, cookie)));
  const locations = ends.map((end) => end.location).sort();
  expect(locations.filter((at) => at === "/p/pier")).toHaveLength(1);
  expect(locations.filter((at) => at?.startsWith("/invitation?error="))).toHaveLength(2);
  expect(await ctx.db.user.count()).toBe(people + 1);
  const subjects = walks.map(({ account }) => account);
  expect(await ctx.db.userIdentity.count({ where: { subject: { in: subjects } } })).toBe(1);
});

test("the same stranger in two windows is one person and one member", async () => {
  const invited = await invite();
  const subject = arrive();
  const walks = [await walk(invited.token), await walk(invited.token)];
  const ends = await Promise.all(walks.map(({ path, cookie }) => comeBack(rest, path, cookie)));
  expect(ends.map((end) => end.location)).toContain("/p/pier");
  expect(await ctx.db.userIdentity.count({ where: { subject } })).toBe(1);
  expect(await ctx.db.user.count({ where: { email: invited.email } })).toBe(1);
});

test("the invitation belongs to the sign-in that began with it: it cannot be brought along, kept or moved", async () => {
  const invited = await invite();
  arrive();
  // An ordinary sign-in with the token on its way back joins nobody.
  const { headers, cookies } = await rest.get(`/api/v1/auth/oidc/start?invitation=${invited.token}`);
  const back = await op.visit(headers.get("location") ?? "");
  back.searchParams.set("invitation", invited.token);
  const plain = await comeBack(rest, back.pathname + back.search, pairOf(cookies.get("shiplog_sso")));
  expect(plain.location).toBe("/login?error=not_invited");
  // Nor does another browser's answer, an answer twice, or one after ten minutes.
  const [mine, other] = [await walk(invited.token), await walk(invited.token)];
  expect((await comeBack(rest, mine.path, other.cookie)).location).toBe("/login?error=expired");
  expect((await comeBack(rest, mine.path, "")).location).toBe("/login?error=expired");
  clock.advance(600_000);
  expect((await comeBack(rest, mine.path, mine.cookie)).location).toBe("/login?error=expired");
  expect(await rowOf(invited.id)).toMatchObject({ acceptedAt: null });
});

test("who says no at the provider, or comes back to an invitation that has ended, reads it on its page", async () => {
  const invited = await invite();
  const { body, cookies } = await startJoin(invited.token);
  const state = new URL(body.data.url).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ error: "access_denied", state, iss: op.issuer });
  const cookie = pairOf(cookies.get("shiplog_sso"));
  const cancelled = await comeBack(rest, `/api/v1/auth/oidc/callback?${query}`, cookie);
  expect(cancelled).toMatchObject(REFUSED("refused"));
  const subject = arrive();
  const { path, cookie: late } = await walk(invited.token);
  await revokeInvitation(ctx, SYSTEM, { id: invited.id });
  expect(await comeBack(rest, path, late)).toMatchObject(REFUSED("invitation_not_valid"));
  expect(await ctx.db.userIdentity.count({ where: { subject } })).toBe(0);
});

test("the way to the provider opens with a good link only, from a page of our own, and never shows the secret", async () => {
  const invited = await invite();
  const { body, cookies } = await startJoin(invited.token);
  for (const text of [body.data.url, cookies.get("shiplog_sso")]) expect(text).not.toContain(invited.token);
  expect(await startJoin("inv_rubbish")).toMatchObject({ status: 410 });
  expect(await startJoin(`${invited.token}x`)).toMatchObject({ status: 410 });
  expect(await startJoin(invited.token, { origin: "https://evil.example" })).toMatchObject({ status: 403 });
  expect(await rest.post("/api/v1/auth/github/join", { token: invited.token })).toMatchObject({
    status: 404,
  });
});

test("joining with a password tells the project's address", async () => {
  const { token } = await invite();
  const input = { token, name: "Bo", password: "a harbour at low tide" };
  const { body } = await rest.post("/api/v1/auth/invitations/accept", input);
  expect(body.data).toMatchObject({ projectId: encodeId("Project", projectId), projectSlug: "pier" });
});
