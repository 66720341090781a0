import { createOidcProvider } from "@shiplog/core/account";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { decodeJwt, type JWTPayload } from "jose";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startProvider } from "../../testing/oidc.ts";
import { restClient } from "../../testing/rest.ts";
import { comeBack, pairOf } from "../../testing/return.ts";

const OWN = "http://127.0.0.1:4000";
const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const op = await startProvider(`${OWN}/api/v1/auth/oidc/callback`);
afterAll(() => op.close());

/** What stands between us and the provider; a test may change the token's answer on its way. */
let tamper: ((answer: Record<string, string>) => Promise<object>) | null = null;
let requests: string[] = [];
const between: typeof fetch = async (url, init) => {
  const path = new URL(String(url)).pathname;
  requests.push(path);
  const response = await fetch(url, init);
  return tamper && path === "/token" ? Response.json(await tamper(await response.json())) : response;
};

const oidc = createOidcProvider({
  issuer: op.issuer,
  clientId: op.client.id,
  clientSecret: op.client.secret,
  label: "Example",
  fetch: between,
});
const github = { ...oidc, name: "github" as const, label: "GitHub" };
const rest = await restClient(ctx, { signIn: { providers: [oidc, github], signup: [] } });
const open = await restClient(ctx, { signIn: { providers: [oidc], signup: ["oidc"] } });

beforeEach(() => {
  tamper = null;
  requests = [];
});

/** Somebody new at the provider, who sits down at the browser. */
function arrive(claims: object = {}): string {
  op.account = `sub-${crypto.randomUUID()}`;
  op.people.set(op.account, { name: "Ada", ...claims });
  return op.account;
}

const linkTo = (userId: string, subject: string, issuer = op.issuer) =>
  ctx.db.userIdentity.create({
    data: { id: ctx.newId(), userId, provider: "oidc", issuer, subject, createdAt: clock.now() },
  });

/** A person with an account that the provider is linked to. */
async function linkedPerson() {
  const person = await makePerson(ctx);
  await linkTo(person.actor.userId, arrive());
  return person;
}

/** From the button to the provider and back; what the browser then holds. */
async function walk(client = rest, query = "") {
  const { status, headers, cookies } = await client.get(`/api/v1/auth/oidc/start${query}`);
  expect(status).toBe(303);
  const back = await op.visit(headers.get("location") ?? "");
  return {
    cookie: pairOf(cookies.get("shiplog_sso")),
    path: back.pathname + back.search,
    params: back.searchParams,
  };
}

const finish = (path: string, cookie: string, client = rest) => comeBack(client, path, cookie);

const sessions = () => ctx.db.session.count();
const REFUSED = (error: string) => ({ status: 303, location: `/login?error=${error}` });

test("the sign-in page learns what is offered", async () => {
  expect((await open.get("/api/v1/auth/providers")).body.data).toEqual({
    providers: [{ name: "oidc", label: "Example", startUrl: "/api/v1/auth/oidc/start", signup: true }],
  });
});

test("a linked person signs in and ends up where he wanted to be", async () => {
  const person = await linkedPerson();
  const { cookie, path } = await walk(rest, "?returnTo=%2Fruns%3Ftab%3D1");
  const { status, location, cookies } = await finish(path, cookie);
  expect([status, location]).toEqual([303, "/runs?tab=1"]);
  expect(cookies.get("shiplog_at")).toContain("HttpOnly; SameSite=Lax");
  expect(cookies.get("shiplog_rt")).toContain("HttpOnly; SameSite=Strict");
  expect(cookies.get("shiplog_sso")).toContain("Max-Age=0");
  const session = await ctx.db.session.findFirstOrThrow({ orderBy: { id: "desc" } });
  expect(session).toMatchObject({ userId: person.actor.userId, method: "oidc" });
});

test("PKCE, state and nonce are new for each attempt, and the verifier stays here", async () => {
  const urls = await Promise.all([1, 2].map(() => rest.get("/api/v1/auth/oidc/start")));
  const [one, two] = urls.map(({ headers }) => new URL(headers.get("location") ?? "").searchParams);
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(one?.get(name)).toMatch(/^[\w-]{43}$/);
    expect(one?.get(name)).not.toBe(two?.get(name));
  }
  expect(one?.get("code_challenge_method")).toBe("S256");
  expect(urls[0]?.cookies.get("shiplog_sso")).toMatch(/; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
});

test("a stranger is not let in, and an e-mail address finds nobody", async () => {
  const person = await makePerson(ctx);
  arrive({ email: person.email, email_verified: true });
  const people = await ctx.db.user.count();
  const closed = await walk();
  expect(await finish(closed.path, closed.cookie)).toMatchObject(REFUSED("not_invited"));
  const invited = await walk(open);
  expect(await finish(invited.path, invited.cookie, open)).toMatchObject(REFUSED("email_taken"));
  expect(await ctx.db.user.count()).toBe(people);
  expect(await ctx.db.userIdentity.count({ where: { userId: person.actor.userId } })).toBe(0);
});

test("the same subject at another issuer is somebody else", async () => {
  const person = await makePerson(ctx);
  await linkTo(person.actor.userId, arrive(), "https://other.example");
  const { path, cookie } = await walk();
  expect(await finish(path, cookie)).toMatchObject(REFUSED("not_invited"));
});

test("where sign-up is open a stranger gets an account once, under a verified address only", async () => {
  const subject = arrive({ email: "New@Example.org", email_verified: false });
  const unverified = await walk(open);
  expect(await finish(unverified.path, unverified.cookie, open)).toMatchObject(REFUSED("email_unverified"));
  op.people.set(subject, { name: "New One", email: "New@Example.org", email_verified: true });
  const walks = [await walk(open), await walk(open), await walk(open)];
  const ends = await Promise.all(walks.map(({ path, cookie }) => finish(path, cookie, open)));
  expect(ends.map((end) => end.location)).toEqual(["/", "/", "/"]);
  const made = await ctx.db.user.findMany({
    where: { email: "new@example.org" },
    include: { identities: true },
  });
  expect(made).toMatchObject([
    { name: "New One", isAdmin: false, passwordHash: null, identities: [{ issuer: op.issuer, subject }] },
  ]);
});

test("a disabled account stays out", async () => {
  const { actor } = await linkedPerson();
  await ctx.db.user.update({ where: { id: actor.userId }, data: { disabledAt: clock.now() } });
  const { path, cookie } = await walk();
  expect(await finish(path, cookie)).toMatchObject(REFUSED("disabled"));
});

test("login CSRF: a callback in a browser that did not begin it signs nobody in and redeems nothing", async () => {
  await linkedPerson();
  const [attacker, victim] = [await walk(), await walk()];
  const before = await sessions();
  for (const cookie of ["", "shiplog_sso=", "shiplog_sso=rubbish", victim.cookie, `${victim.cookie}x`]) {
    requests = [];
    const end = await finish(attacker.path, cookie);
    expect(end).toMatchObject(REFUSED("expired"));
    expect([end.cookies.has("shiplog_at"), requests]).toEqual([false, []]);
  }
  expect(await sessions()).toBe(before);
});

test("mix-up: an attempt at one provider is not ended by another's callback, nor by another issuer's answer", async () => {
  await linkedPerson();
  const { path, cookie } = await walk();
  requests = [];
  expect(await finish(path.replace("/oidc/", "/github/"), cookie)).toMatchObject(REFUSED("expired"));
  const other = new URL(path, OWN);
  other.searchParams.set("iss", "https://evil.example");
  expect(await finish(other.pathname + other.search, cookie)).toMatchObject(REFUSED("failed"));
  other.searchParams.delete("iss");
  const again = await walk();
  const missing = `${other.pathname}?code=x&state=${again.params.get("state")}`;
  expect(await finish(missing, again.cookie)).toMatchObject(REFUSED("failed"));
  expect(requests.filter((request) => request === "/token")).toEqual([]);
});

test("a replayed callback is refused, also when it comes at the same moment", async () => {
  await linkedPerson();
  const { path, cookie } = await walk();
  const before = await sessions();
  const ends = await Promise.all(Array.from({ length: 8 }, () => finish(path, cookie)));
  expect(ends.filter((end) => end.location === "/")).toHaveLength(1);
  expect(ends.filter((end) => end.location === "/login?error=expired")).toHaveLength(7);
  expect(await finish(path, cookie)).toMatchObject(REFUSED("expired"));
  expect(requests.filter((request) => request === "/token")).toHaveLength(1);
  expect(await sessions()).toBe(before + 1);
});

test("a code that was redeemed already is refused by the provider, in a fresh attempt of ours too", async () => {
  await linkedPerson();
  const first = await walk();
  await finish(first.path, first.cookie);
  const second = await walk();
  const params = new URLSearchParams(second.params);
  params.set("code", first.params.get("code") ?? "");
  expect(await finish(`/api/v1/auth/oidc/callback?${params}`, second.cookie)).toMatchObject(
    REFUSED("failed"),
  );
});

test("an attempt is over after ten minutes", async () => {
  await linkedPerson();
  const { path, cookie } = await walk();
  clock.advance(600_000);
  expect(await finish(path, cookie)).toMatchObject(REFUSED("expired"));
});

test("who says no at the provider is told so", async () => {
  const { headers, cookies } = await rest.get("/api/v1/auth/oidc/start");
  const state = new URL(headers.get("location") ?? "").searchParams.get("state");
  const query = new URLSearchParams({ error: "access_denied", state: state ?? "", iss: op.issuer });
  const end = await finish(`/api/v1/auth/oidc/callback?${query}`, pairOf(cookies.get("shiplog_sso")));
  expect(end).toMatchObject(REFUSED("refused"));
});

const seconds = () => Math.floor(Date.now() / 1000);
const FORGERIES: [what: string, change: (claims: JWTPayload) => JWTPayload][] = [
  ["nonce", (claims) => ({ ...claims, nonce: "another" })],
  ["missing nonce", ({ nonce: _, ...claims }) => claims],
  ["issuer", (claims) => ({ ...claims, iss: "https://evil.example" })],
  ["audience", (claims) => ({ ...claims, aud: "another-client" })],
  ["audience among several, without a party", (claims) => ({ ...claims, aud: ["shiplog", "other"] })],
  ["end", (claims) => ({ ...claims, exp: seconds() - 120 })],
  ["missing subject", ({ sub: _, ...claims }) => claims],
];

test.each(FORGERIES)("an ID token with a wrong %s signs nobody in", async (_what, change) => {
  await linkedPerson();
  const { path, cookie } = await walk();
  const before = await sessions();
  tamper = async (answer) => ({
    ...answer,
    id_token: await op.forge(change(decodeJwt(answer.id_token ?? ""))),
  });
  expect(await finish(path, cookie)).toMatchObject(REFUSED("failed"));
  expect(await sessions()).toBe(before);
});

test("an ID token that is signed by somebody else, by nobody, or missing signs nobody in", async () => {
  const stranger = await startProvider(`${OWN}/api/v1/auth/oidc/callback`);
  await linkedPerson();
  const unsigned = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  const changes: ((token: string) => Promise<string | undefined>)[] = [
    (token) => stranger.forge(decodeJwt(token)),
    async (token) => `${unsigned}.${token.split(".")[1]}.`,
    async () => undefined,
  ];
  for (const change of changes) {
    const { path, cookie } = await walk();
    tamper = async (answer) => ({ ...answer, id_token: await change(answer.id_token ?? "") });
    expect(await finish(path, cookie)).toMatchObject(REFUSED("failed"));
  }
  // The same path with the provider's own key is good: it was the signature that was refused.
  const { path, cookie } = await walk();
  tamper = async (answer) => ({ ...answer, id_token: await op.forge(decodeJwt(answer.id_token ?? "")) });
  expect(await finish(path, cookie)).toMatchObject({ location: "/" });
  await stranger.close();
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n//evil.example",
  "javascript:alert(1)",
  "evil.example",
  "",
  "/../..//evil.example",
])("open redirect: %j is no place to return to", async (returnTo) => {
  const answer = await rest.get(`/api/v1/auth/oidc/start?returnTo=${encodeURIComponent(returnTo)}`);
  if (answer.status === 303) {
    // A path that only looks strange: a browser must still end up at this server.
    await linkedPerson();
    const { path, cookie } = await walk(rest, `?returnTo=${encodeURIComponent(returnTo)}`);
    const { location } = await finish(path, cookie);
    expect(new URL(location ?? "", OWN).origin).toBe(OWN);
  } else {
    expect([answer.status, answer.cookies.size]).toEqual([422, 0]);
  }
});

test("somebody who is signed in links a provider and then signs in with it", async () => {
  const person = await makePerson(ctx);
  const subject = arrive({ email: "somebody.else@example.org", email_verified: true });
  const headers = { authorization: `Bearer ${person.accessToken}` };
  const link = async () => {
    const answer = await rest.post("/api/v1/auth/oidc/link", { returnTo: "/account" }, headers);
    const back = await op.visit(answer.body.data.url);
    return finish(back.pathname + back.search, pairOf(answer.cookies.get("shiplog_sso")));
  };
  const linked = await link();
  expect([linked.location, linked.cookies.has("shiplog_at")]).toEqual(["/account", false]);
  expect((await link()).location).toBe("/account");
  const rows = await ctx.db.userIdentity.findMany({ where: { userId: person.actor.userId } });
  expect(rows).toMatchObject([{ issuer: op.issuer, subject, provider: "oidc" }]);
  const { path, cookie } = await walk();
  expect(await finish(path, cookie)).toMatchObject({ location: "/" });
  const audit = await ctx.db.auditEntry.findMany({ where: { action: "identity.link" } });
  expect(audit[0]).toMatchObject({ userId: person.actor.userId, outcome: "succeeded" });
});

test("what is linked to somebody else stays his; an ended session links nothing", async () => {
  await linkedPerson();
  const thief = await makePerson(ctx);
  const headers = { authorization: `Bearer ${thief.accessToken}` };
  const begin = async () => {
    const answer = await rest.post("/api/v1/auth/oidc/link", { returnTo: "/account?tab=1" }, headers);
    const back = await op.visit(answer.body.data.url);
    return [back.pathname + back.search, pairOf(answer.cookies.get("shiplog_sso"))] as const;
  };
  expect((await finish(...(await begin()))).location).toBe("/account?tab=1&error=linked_elsewhere");
  arrive();
  const late = await begin();
  await ctx.db.session.update({ where: { id: thief.actor.sessionId }, data: { revokedAt: clock.now() } });
  expect((await finish(...late)).location).toBe("/account?tab=1&error=expired");
  expect(await ctx.db.userIdentity.count({ where: { userId: thief.actor.userId } })).toBe(0);
});

test("linking is for people of this origin: no stranger, no other page, no foreign path", async () => {
  const { cookie } = await rest.login();
  const post = (headers: Record<string, string>, body: object = {}) =>
    rest.post("/api/v1/auth/oidc/link", body, headers);
  expect(await post({})).toMatchObject({ status: 401 });
  expect(await post({ cookie, origin: "https://evil.example" })).toMatchObject({ status: 403 });
  const own = { cookie, "sec-fetch-site": "same-origin" };
  expect(await post(own, { returnTo: "//evil.example" })).toMatchObject({ status: 422 });
  expect(await post(own)).toMatchObject({ status: 200 });
  expect(await rest.post("/api/v1/auth/google/link", {}, own)).toMatchObject({ status: 422 });
});

test("a provider that is not configured is not there, one that is away says so", async () => {
  expect(await open.get("/api/v1/auth/github/start")).toMatchObject({ status: 404 });
  const away = createOidcProvider({ issuer: "http://127.0.0.1:9", clientId: "x", label: "Away", fetch });
  const client = await restClient(ctx, { signIn: { providers: [away], signup: [] } });
  const { status, body } = await client.get("/api/v1/auth/oidc/start");
  expect([status, body.errors[0].code]).toEqual([503, "PROVIDER_FAILED"]);
});
