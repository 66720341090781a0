import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { SEED } from "@shiplog/testkit/seed";
import { expect, test } from "vitest";
import { fuzzRest } from "./testing/fuzz.ts";
import { problemOf } from "./testing/openapi.ts";

const database = await testDatabase();
const operations = await fuzzRest({
  seed: SEED,
  makeContext: (overrides) => makeContext(database, overrides),
});

/** Answers that the generated requests must reach, or they would prove little. */
const REACHED: Readonly<Record<string, readonly number[]>> = {
  login: [200, 400, 401, 403, 413, 415, 422],
  refresh: [200, 401, 403, 415, 422],
  listSessions: [200, 401, 403],
  endSession: [200, 401, 403, 404],
  requestPasswordReset: [202, 400, 403, 413, 415, 422],
  resetPassword: [200, 403, 410, 422],
  previewInvitation: [200, 403, 410, 422],
  acceptInvitation: [200, 403, 409, 410, 422],
  logout: [200, 403, 415, 422],
  startSignIn: [303, 422],
  finishSignIn: [303, 422],
  // 200 needs a session, and the requests to logout have ended theirs: see auth/oidc.test.ts.
  startLink: [401, 403, 415, 422],
  startJoin: [403, 410, 415, 422],
  analyze: [202, 401, 403, 404, 415, 422],
  receiveWebhook: [202, 401, 404],
};

test.each(operations)(
  `$name answers generated requests as the document says (seed ${SEED})`,
  async ({ name, run }) => {
    const reached = REACHED[name] ?? [200];
    const statuses = await run(150, reached);
    const missing = reached.filter((status) => !statuses.has(status));
    expect([name, missing, Object.fromEntries(statuses)]).toEqual([name, [], expect.anything()]);
  },
);

test("the check itself sees an undeclared status, content type, member and a missing one", () => {
  const schema = { type: "object", properties: { data: { type: "string" } }, required: ["data"] };
  const document = { paths: {}, components: { schemas: { Answer: schema } } };
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Answer" } } };
  const operation = { operationId: "x", responses: { 200: { content } } };
  const check = (status: number, contentType: string, body: object) =>
    problemOf(document, operation, { status, contentType, text: JSON.stringify(body) });
  expect(check(200, "application/json; charset=UTF-8", { data: "x" })).toBeNull();
  expect(check(201, "application/json", { data: "x" })).toContain("status 201");
  expect(check(200, "text/html", { data: "x" })).toContain("content type text/html");
  expect(check(200, "application/json", { data: "x", more: 1 })).toContain("more");
  expect(check(200, "application/json", {})).toContain("data");
});
