import { SYSTEM } from "@shiplog/core";
import { authenticate, createUser } from "@shiplog/core/account";
import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { OWNER, restClient } from "../../testing/rest.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const rest = await restClient(ctx);
const https = await restClient(
  await makeContext(database, { clock, settings: { publicUrl: "https://shiplog.example" } }),
);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test("login answers a token, the person and both cookies", async () => {
  const answer = await rest.post("/api/v1/auth/login", { ...OWNER, email: "Owner@Example.org " });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    data: { user: { email: OWNER.email, isAdmin: true, id: expect.stringMatching(/^usr_/) } },
    meta: { requestId: answer.headers.get("x-request-id") },
    errors: [],
  });
  expect(new Date(answer.body.data.expiresAt).getTime()).toBe(clock.now().getTime() + 15 * MINUTE);
  expect(await authenticate(ctx, answer.body.data.accessToken)).toMatchObject({
    type: "user",
    isAdmin: true,
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("the cookies' names and flags follow the public URL's scheme", async () => {
  const plain = (await rest.post("/api/v1/auth/login", OWNER)).cookies;
  expect(plain.get("shiplog_at")).toMatch(/; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(plain.get("shiplog_rt")).toMatch(
    /; Max-Age=604800; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict$/,
  );
  const secure = (await https.post("/api/v1/auth/login", OWNER)).cookies;
  expect(secure.get("__Host-shiplog_at")).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(secure.get("__Secure-shiplog_rt")).toMatch(
    /; Path=\/api\/v1\/auth; HttpOnly; Secure; SameSite=Strict$/,
  );
  const fromPage = { "sec-fetch-site": "same-origin" };
  const known = (await https.post("/api/v1/auth/login", OWNER, fromPage)).cookies;
  expect(known.get("__Secure-shiplog_device")).toMatch(
    /; Max-Age=15552000; Path=\/api\/v1\/auth; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect([...plain.keys(), ...secure.keys(), ...known.keys()]).toHaveLength(7);
});

test("a wrong password, an unknown e-mail and a disabled account get one answer", async () => {
  const user = await createUser(ctx, SYSTEM, {
    email: "off@example.org",
    name: "Off",
    password: "password1",
  });
  await ctx.db.user.update({ where: { id: user.id }, data: { disabledAt: clock.now() } });
  const answers = await Promise.all([
    rest.post("/api/v1/auth/login", { ...OWNER, password: "wrong" }),
    rest.post("/api/v1/auth/login", { ...OWNER, email: "nobody@example.org" }),
    rest.post("/api/v1/auth/login", { email: "off@example.org", password: "password1" }),
  ]);
  for (const { status, body, cookies } of answers) {
    expect([status, body.errors, cookies.size]).toEqual([401, answers[0]?.body.errors, 0]);
  }
  expect(answers[0]?.body.errors).toEqual([
    { code: "INVALID_CREDENTIALS", message: "E-mail and password do not match." },
  ]);
});

test("a program gets the refresh token, a browser's script never does", async () => {
  const program = await rest.post("/api/v1/auth/login", OWNER);
  expect(program.body.data.refreshToken).toMatch(/^rft_/);
  const headers = { origin: "http://127.0.0.1:4000", "sec-fetch-site": "same-origin" };
  expect((await rest.post("/api/v1/auth/login", OWNER, headers)).body.data.refreshToken).toBeNull();
});

test("refresh takes the cookie or the body and prolongs the session up to its cap", async () => {
  const { cookie, refreshToken } = await rest.login();
  const own = { cookie, "sec-fetch-site": "same-origin" };
  clock.advance(20 * MINUTE);
  const byCookie = await rest.post("/api/v1/auth/refresh", undefined, own);
  expect(byCookie.status).toBe(200);
  expect(await authenticate(ctx, byCookie.body.data.accessToken)).toMatchObject({ type: "user" });
  let token = (await rest.post("/api/v1/auth/refresh", { refreshToken })).body.data.refreshToken;
  expect(byCookie.cookies.get("shiplog_rt")).toContain(token);
  for (let day = 0; day < 29; day += 6) {
    clock.advance(6 * DAY);
    const { status, body } = await rest.post("/api/v1/auth/refresh", { refreshToken: token });
    expect([day, status]).toEqual([day, day < 24 ? 200 : 401]);
    token = body.data?.refreshToken;
  }
});

test("a refresh with nothing, with rubbish or with a changed secret is refused and takes the cookies away", async () => {
  const { refreshToken } = await rest.login();
  const changed = refreshToken.slice(0, -1) + (refreshToken.endsWith("A") ? "B" : "A");
  for (const body of [undefined, {}, { refreshToken: "rubbish" }, { refreshToken: changed }]) {
    const answer = await rest.post("/api/v1/auth/refresh", body);
    expect(answer.status).toBe(401);
    expect(answer.body.errors[0].code).toBe("UNAUTHENTICATED");
    expect(answer.cookies.get("shiplog_at")).toContain("Max-Age=0");
  }
});

test("logout ends the session for its access token and its refresh token, and no other session", async () => {
  const mine = await rest.login();
  const other = await rest.login();
  let changes = 0;
  const off = ctx.bus.onAccessChanged(() => changes++);
  const answer = await rest.post("/api/v1/auth/logout", undefined, {
    cookie: mine.cookie,
    "sec-fetch-site": "same-origin",
  });
  off();
  expect([answer.status, answer.body.data, changes]).toEqual([200, { signedOut: true }, 1]);
  expect(answer.cookies.get("shiplog_rt")).toContain("Max-Age=0");
  await expect(authenticate(ctx, mine.accessToken)).rejects.toThrow("not valid");
  expect((await rest.post("/api/v1/auth/refresh", { refreshToken: mine.refreshToken })).status).toBe(401);
  expect(await authenticate(ctx, other.accessToken)).toMatchObject({ type: "user" });
  expect((await rest.post("/api/v1/auth/logout")).status).toBe(200);
});

test("logout by bearer token ends that session", async () => {
  const { accessToken, refreshToken } = await rest.login();
  await rest.post("/api/v1/auth/logout", undefined, { authorization: `Bearer ${accessToken}` });
  expect((await rest.post("/api/v1/auth/refresh", { refreshToken })).status).toBe(401);
});

test("logout everywhere ends all sessions, but not by a refresh token that was replaced: it ends its own", async () => {
  const out = (refreshToken: string) => rest.post("/api/v1/auth/logout", { refreshToken, everywhere: true });
  const lives = (token: string) =>
    authenticate(ctx, token).then(
      () => true,
      () => false,
    );
  const [stolen, other, last] = [await rest.login(), await rest.login(), await rest.login()];
  await rest.post("/api/v1/auth/refresh", { refreshToken: stolen.refreshToken });
  await out(stolen.refreshToken);
  expect([await lives(stolen.accessToken), await lives(other.accessToken)]).toEqual([false, true]);
  await out(last.refreshToken);
  expect([await lives(other.accessToken), await lives(last.accessToken)]).toEqual([false, false]);
});
