import { createPasswordHasher, DomainError, encodeId, type Log } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { createDb } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey, makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { createRestApp } from "./app.ts";
import { pagesOf } from "./http/route.ts";
import { OWNER, restClient } from "./testing/rest.ts";

const database = await testDatabase();
const errors: { fields: object; message: string }[] = [];
const log: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, message) => errors.push({ fields, message }),
};
const analyze = { type: "analyze", description: "Reads a project", needsWorkspace: true };
const ctx = await makeContext(database, { log, agentTypes: [analyze] });
const ALLOWED = "https://portal.example";
const rest = await restClient(ctx, { allowedOrigins: [ALLOWED] });
const person = await makePerson(ctx);
const { id: projectId } = await createProject(ctx, person.actor, { name: "Rest" });
const JSON_TYPE = { "content-type": "application/json" };

test("every route declares who may call it, and the document says so", () => {
  const declared = new Map<string, unknown>(pagesOf(rest.app).map((path) => [`GET ${path}`, "public"]));
  for (const definition of rest.app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path } = definition.route;
    declared.set(
      `${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ":$1")}`,
      definition.route["x-access"],
    );
  }
  const all = rest.app.routes.map((route) => `${route.method} ${route.path}`);
  const paths = new Set(all.filter((route) => route !== "ALL /*"));
  // The context of a request, and CORS; a third one could answer what has no rule.
  expect(all.filter((route) => route === "ALL /*")).toHaveLength(2);
  const rules = Object.fromEntries([...paths].map((path) => [path, declared.get(path)]));
  expect(rules).toEqual({
    "POST /api/v1/auth/login": "public",
    "POST /api/v1/auth/refresh": "public",
    "GET /api/v1/auth/sessions": "actor",
    "DELETE /api/v1/auth/sessions/:id": "actor",
    "POST /api/v1/auth/password-reset": "public",
    "POST /api/v1/auth/password-reset/confirm": "public",
    "POST /api/v1/auth/invitations/preview": "public",
    "POST /api/v1/auth/invitations/accept": "public",
    "POST /api/v1/auth/logout": "public",
    "GET /api/v1/auth/providers": "public",
    "GET /api/v1/auth/:provider/start": "public",
    "GET /api/v1/auth/:provider/callback": "public",
    "POST /api/v1/auth/:provider/link": "actor",
    "POST /api/v1/auth/:provider/join": "public",
    "POST /api/v1/agents/analyze": "actor",
    "POST /api/v1/webhooks/:provider/:integrationId": "signature",
    "GET /health": "public",
    "GET /health/live": "public",
    "GET /health/ready": "public",
    "GET /api/v1/openapi.json": "public",
    "GET /api/docs": "public",
    "GET /api/docs/boot.js": "public",
    "GET /api/docs/reference.js": "public",
  });
  expect(declared.size).toBe(paths.size);
});

test("an actor route refuses everybody without a valid credential, whatever else he sends", async () => {
  const { cookie } = await rest.login();
  const path = "/api/v1/agents/analyze";
  const attempts: Record<string, string>[] = [
    {},
    { authorization: "Bearer rubbish" },
    { authorization: "Basic b3duZXI6" },
    { cookie: "shiplog_at=rubbish", "sec-fetch-site": "same-origin" },
    { cookie, authorization: "Bearer rubbish" },
  ];
  for (const headers of attempts) {
    const { status, body } = await rest.post(path, {}, headers);
    expect([headers, status, body.errors[0].code]).toEqual([headers, 401, "UNAUTHENTICATED"]);
  }
});

const OWN = "http://127.0.0.1:4000";
const EVIL = "https://evil.example";
const CSRF: [allowed: boolean, cookie: boolean, headers: Record<string, string>][] = [
  [true, true, { "sec-fetch-site": "same-origin", origin: OWN }],
  [true, true, { "sec-fetch-site": "none" }],
  [true, true, { origin: OWN }],
  [true, true, { origin: "http://localhost:4000" }],
  [true, true, { "sec-fetch-site": "cross-site", origin: ALLOWED }],
  [false, true, {}],
  [false, true, { "sec-fetch-site": "cross-site", origin: EVIL }],
  [false, true, { "sec-fetch-site": "same-site", origin: "https://sibling.example" }],
  [false, true, { "sec-fetch-site": "cross-site" }],
  [false, true, { origin: EVIL }],
  [false, true, { origin: "null" }],
  [false, true, { origin: "http://127.0.0.1:4001" }],
  [false, true, { origin: "http://127.0.0.1:4000.evil.example" }],
  [false, true, { origin: `${OWN}/` }],
  [true, false, {}],
  [true, false, { origin: OWN }],
  [false, false, { origin: EVIL }],
  [false, false, { "sec-fetch-site": "cross-site" }],
];

test.each(CSRF)(
  "a state change is allowed: %s, with a cookie: %s, headers %j",
  async (allowed, cookie, headers) => {
    const session = await rest.login();
    const sent = cookie ? { ...headers, cookie: session.cookie } : headers;
    const status = allowed ? 200 : 403;
    expect((await rest.post("/api/v1/auth/login", OWNER, sent)).status).toBe(status);
    const { body } = await rest.post("/api/v1/auth/logout", undefined, sent);
    expect(body.errors.map((entry: { code: string }) => entry.code)).toEqual(
      allowed ? [] : ["FOREIGN_ORIGIN"],
    );
    const stillIn = await rest.post("/api/v1/auth/refresh", { refreshToken: session.refreshToken });
    expect(stillIn.status).toBe(allowed && cookie ? 401 : 200);
  },
);

test("only JSON is taken: no form, no text, no missing type", async () => {
  const body = JSON.stringify(OWNER);
  const types = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/json",
    null,
  ];
  for (const type of types) {
    for (const path of ["login", "refresh", "logout"]) {
      // A Blob without a type: a string would give the request one.
      const response = await rest.app.request(`/api/v1/auth/${path}`, {
        method: "POST",
        body: new Blob([body]),
        headers: type === null ? {} : { "content-type": type },
      });
      expect([path, type, response.status]).toEqual([path, type, 415]);
    }
  }
});

test("broken JSON, wrong members and too much of it get a clear answer", async () => {
  const send = (body: string) =>
    rest.app.request("/api/v1/auth/login", { method: "POST", body, headers: JSON_TYPE });
  const broken = await send("{");
  expect([broken.status, (await broken.json()).errors[0].code]).toEqual([400, "BAD_REQUEST"]);
  const wrong = await send(JSON.stringify({ email: 1 }));
  expect(wrong.status).toBe(422);
  expect((await wrong.json()).errors).toMatchObject([
    { code: "INVALID_INPUT", path: ["json", "email"] },
    { code: "INVALID_INPUT", path: ["json", "password"] },
  ]);
  const large = await send(JSON.stringify({ ...OWNER, filler: "x".repeat(64 * 1024) }));
  expect([large.status, (await large.json()).errors[0].code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
});

test("CORS is closed but for the origins that are named", async () => {
  const preflight = (origin: string) =>
    rest.app.request("/api/v1/auth/login", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
  for (const origin of [EVIL, "null", OWN, `${ALLOWED}.evil.example`]) {
    for (const response of [
      await preflight(origin),
      await rest.app.request("/health", { headers: { origin } }),
    ]) {
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  }
  const allowed = await preflight(ALLOWED);
  expect(allowed.headers.get("access-control-allow-origin")).toBe(ALLOWED);
  expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
  expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
});

test("a caller's request id is taken in a strict form only", async () => {
  const id = async (sent: string) =>
    (await rest.get("/health/live", { "x-request-id": sent })).body.meta.requestId;
  expect(await id("trace-0123.abc")).toBe("trace-0123.abc");
  for (const bad of ["short", "with space in it", "x".repeat(65), 'quote"quote', "-leading-dash"]) {
    expect(await id(bad)).not.toBe(bad);
  }
});

test("an unknown route is an envelope too", async () => {
  const { status, body } = await rest.get("/api/v1/nothing");
  expect([status, body.data, body.errors[0].code]).toEqual([404, null, "NOT_FOUND"]);
});

test("an unexpected failure is masked and logged with its request id", async () => {
  const broken = await restClient({ ...ctx, newId: () => "not-a-uuid" });
  const { status, body } = await broken.post("/api/v1/auth/login", OWNER, {
    "x-request-id": "trace-me-1234",
  });
  expect([status, body.errors[0].code]).toEqual([500, "INTERNAL"]);
  expect(JSON.stringify(body)).not.toMatch(/uuid|prisma|session/i);
  const [entry] = errors.splice(0);
  expect(entry).toMatchObject({ fields: { requestId: "trace-me-1234", path: "/api/v1/auth/login" } });
  expect(Reflect.get(entry?.fields ?? {}, "error")).not.toBeInstanceOf(DomainError);
});

test("analysis starts a run for whoever may, and says no to the others", async () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const id = encodeId("Project", projectId);
  const [writer, reader] = [
    await makeKey(ctx, projectId, ["agent:write"]),
    await makeKey(ctx, projectId, ["agent:read"]),
  ];
  const stranger = await makePerson(ctx);
  const viewer = await makePerson(ctx, { [projectId]: "viewer" });
  const post = (token: string, body: object = { projectId: id }) =>
    rest.post("/api/v1/agents/analyze", body, bearer(token));
  const anywhere = { projectId: id, path: "/" };
  expect(await post(reader.secret)).toMatchObject({ status: 403 });
  expect(await post(viewer.accessToken)).toMatchObject({ status: 403 });
  expect(await post(stranger.accessToken)).toMatchObject({ status: 404 });
  expect(await post(writer.secret, { projectId: "prj_nothing" })).toMatchObject({ status: 404 });
  expect(await post(writer.secret, anywhere)).toMatchObject({ status: 422 });
  const folder = ctx.settings.workspaces[0] ?? "";
  await ctx.db.projectWorkspace.create({ data: { projectId, path: folder, createdAt: ctx.clock.now() } });
  for (const token of [writer.secret, person.accessToken]) {
    const { status, body } = await post(token);
    expect([status, body.errors]).toEqual([202, []]);
    expect(body.data).toMatchObject({
      id: expect.stringMatching(/^aex_/),
      projectId: id,
      agentType: "analyze",
      status: "pending",
      url: `${OWN}/runs/${body.data.id}`,
    });
  }
  expect(await ctx.db.agentExecution.count({ where: { projectId } })).toBe(2);
});

test("a flood of sign-ins is partly refused as busy, and never fails otherwise", async () => {
  const flooded = await restClient({
    ...ctx,
    passwords: createPasswordHasher({ memoryCost: 64, timeCost: 1, concurrency: 1, queue: 5 }),
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      flooded.post("/api/v1/auth/login", { ...OWNER, email: `nobody-${n}@example.org` }),
    ),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401, 503]));
  const busy = answers.find((answer) => answer.status === 503);
  expect([busy?.body.errors[0].code, busy?.headers.get("retry-after")]).toEqual(["BUSY", "2"]);
  expect((await flooded.post("/api/v1/auth/login", OWNER)).status).toBe(200);
});

test("without a database it is a 503 that says when to come back, and no fault", async () => {
  const away = createDb("postgresql://nobody@127.0.0.1:1/none");
  const cut = createRestApp({ ...ctx, db: away });
  errors.length = 0;
  const { secret } = await makeKey(ctx, projectId, ["agent:write"]);
  for (const [path, headers] of [
    ["/api/v1/auth/login", {}],
    ["/api/v1/agents/analyze", { authorization: `Bearer ${secret}` }],
    [
      `/api/v1/webhooks/github/${encodeId("Integration", ctx.newId())}`,
      { "x-hub-signature-256": "sha256=00" },
    ],
  ] as const) {
    const body = JSON.stringify(OWNER);
    const init = { method: "POST", headers: { ...JSON_TYPE, ...headers }, body };
    const answer = await cut.request(path, init);
    const { status, headers: sent } = answer;
    expect([path, status, sent.get("retry-after")]).toEqual([path, 503, "5"]);
    expect(await answer.json()).toMatchObject({ errors: [{ code: "UNAVAILABLE" }] });
  }
  expect(errors).toEqual([]);
  await away.$disconnect();
});
