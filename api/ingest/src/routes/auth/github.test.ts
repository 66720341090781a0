import { createHash } from "node:crypto";
import { createGithubProvider } from "@shiplog/core/account";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, expect, test } from "vitest";
import { restClient } from "../../testing/rest.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const OCTOCAT = { id: 583_231, login: "octocat", name: "The Octocat" };
const EMAILS = [
  { email: "old@example.org", primary: false, verified: true },
  { email: "octo@example.org", primary: true, verified: true },
];

let challenge = "";
let user: object = OCTOCAT;
let emails: object[] = EMAILS;

/** GitHub as its documentation has it: a refused code is an answer with status 200. */
function githubAt(site: string, api: string) {
  return [
    http.post(`${site}/login/oauth/access_token`, async ({ request }) => {
      const form = new URLSearchParams(await request.text());
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const right =
        form.get("code") === "good" && form.get("client_secret") === "secret" && proof === challenge;
      return HttpResponse.json(
        right
          ? { access_token: "gho_token", scope: "read:user,user:email", token_type: "bearer" }
          : { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." },
      );
    }),
    http.get(`${api}/user`, ({ request }) =>
      request.headers.get("authorization") === "Bearer gho_token"
        ? HttpResponse.json(user)
        : new HttpResponse(null, { status: 401 }),
    ),
    http.get(`${api}/user/emails`, () => HttpResponse.json(emails)),
  ];
}

const server = setupServer(
  ...githubAt("https://github.com", "https://api.github.com"),
  ...githubAt("https://ghe.example", "https://ghe.example/api/v3"),
);
server.listen({ onUnhandledFrame: "error" });
afterAll(() => server.close());
afterEach(() => {
  user = OCTOCAT;
  emails = EMAILS;
});

const makeClient = (url: string, signup: readonly "github"[] = []) => {
  const provider = createGithubProvider({ url, clientId: "app", clientSecret: "secret", fetch });
  return restClient(ctx, { signIn: { providers: [provider], signup } });
};
const rest = await makeClient("https://github.com");
const open = await makeClient("https://github.com", ["github"]);

async function walk(client = rest, code = "good") {
  const { headers, cookies } = await client.get("/api/v1/auth/github/start?returnTo=/runs");
  const to = new URL(headers.get("location") ?? "");
  challenge = to.searchParams.get("code_challenge") ?? "";
  const cookie = cookies.get("shiplog_sso")?.split(";")[0] ?? "";
  const query = new URLSearchParams({ code, state: to.searchParams.get("state") ?? "" });
  const end = await client.get(`/api/v1/auth/github/callback?${query}`, { cookie });
  return { to, location: end.headers.get("location"), cookies: end.cookies };
}

const identity = (issuer: string) =>
  ctx.db.userIdentity.findUnique({
    where: { issuer_subject: { issuer, subject: String(OCTOCAT.id) } },
    include: { user: true },
  });

test("a stranger is sent away; where sign-up is open he gets an account under his verified address", async () => {
  const closed = await walk();
  expect([closed.location, closed.to.origin]).toEqual(["/login?error=not_invited", "https://github.com"]);
  emails = [{ email: "octo@example.org", primary: true, verified: false }];
  expect((await walk(open)).location).toBe("/login?error=email_unverified");
  emails = EMAILS;
  const end = await walk(open);
  expect([end.location, end.cookies.has("shiplog_at")]).toEqual(["/runs", true]);
  expect(await identity("https://github.com")).toMatchObject({
    label: "octocat",
    user: { email: "octo@example.org", name: "The Octocat", passwordHash: null },
  });
});

test("the number is the person: a new login is the same, an old login of somebody else is not", async () => {
  const before = await identity("https://github.com");
  user = { ...OCTOCAT, login: "renamed" };
  expect((await walk()).location).toBe("/runs");
  expect(await identity("https://github.com")).toMatchObject({ userId: before?.userId, label: "renamed" });
  user = { ...OCTOCAT, id: 1 };
  expect((await walk()).location).toBe("/login?error=not_invited");
});

test("a bad code, an answer without a number and an API that fails sign nobody in", async () => {
  const sessions = await ctx.db.session.count();
  expect((await walk(rest, "bad")).location).toBe("/login?error=failed");
  user = { ...OCTOCAT, id: undefined };
  expect((await walk()).location).toBe("/login?error=failed");
  server.use(
    http.get("https://api.github.com/user", () => HttpResponse.json({ message: "x" }, { status: 500 })),
  );
  expect((await walk()).location).toBe("/login?error=failed");
  server.resetHandlers();
  expect(await ctx.db.session.count()).toBe(sessions);
});

test("an enterprise server is an issuer of its own", async () => {
  const enterprise = await makeClient("https://ghe.example");
  expect((await walk(enterprise)).location).toBe("/login?error=not_invited");
  const { actor } = await makePerson(ctx);
  await ctx.db.userIdentity.create({
    data: {
      id: ctx.newId(),
      userId: actor.userId,
      provider: "github",
      issuer: "https://ghe.example",
      subject: String(OCTOCAT.id),
      createdAt: ctx.clock.now(),
    },
  });
  const end = await walk(enterprise);
  expect([end.location, end.to.origin]).toEqual(["/runs", "https://ghe.example"]);
  const session = await ctx.db.session.findFirstOrThrow({ orderBy: { id: "desc" } });
  expect(session).toMatchObject({ userId: actor.userId, method: "github" });
});
