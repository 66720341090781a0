import { SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { createSchema } from "@shiplog/schema";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { expect, it } from "vitest";
import { graphqlRoutes } from "./graphql.ts";
import { createGraphQL } from "./yoga.ts";

const database = await testDatabase();
const logged: object[] = [];
const quiet = { debug() {}, info() {}, warn() {}, error: (fields: object) => void logged.push(fields) };
const ctx = await makeContext(database, { log: quiet });
const project = await createProject(ctx, SYSTEM, { name: "Edge" });
const { secret } = await makeKey(ctx, project.id, ["activity:write"]);

const streams = { open: () => Promise.reject(new Error("no streams here")) };
const yoga = createGraphQL({
  schema: createSchema(),
  log: quiet,
  contextFor: ({ actor, requestId }) => ({ core: ctx, actor, streams, requestId }),
});
const app = graphqlRoutes({ ctx, yoga, allowedOrigins: [], streams: async () => null });

async function post(query: string, variables: object = {}, headers: Record<string, string> = {}) {
  const response = await app.request("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return {
    status: response.status,
    answer: (await response.json()) as { data?: unknown; errors?: unknown[] },
  };
}

const RECORD = `mutation($input: RecordAIActivityInput!) {
  recordAIActivity(input: $input) { __typename ... on Error { message } }
}`;
const DIFFS = Array.from({ length: 4 }, (_, i) => ({ path: `file-${i}`, diff: "+".repeat(490_000) }));

it("takes an activity as large as it may be from who is known, and little from a stranger", async () => {
  const input = {
    projectId: `prj_${"0".repeat(26)}`,
    tool: "claude",
    prompt: "p".repeat(1_000_000),
    codeChanges: DIFFS,
  };
  const known = await post(RECORD, { input }, { authorization: `Bearer ${secret}` });
  expect(known).toMatchObject({
    status: 200,
    answer: { data: { recordAIActivity: { __typename: "NotFoundError" } } },
  });
  const stranger = await post(RECORD, { input });
  expect(stranger).toMatchObject({
    status: 413,
    answer: { errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }] },
  });
});

it("refuses documents that only keep the parser busy or fill its cache", async () => {
  const tokens = await post(`{ ${"viewer { isAdmin } ".repeat(600)} }`);
  expect(JSON.stringify(tokens.answer)).toContain("2000 tokens");
  const long = await post(`{ viewer { isAdmin } } #${"x".repeat(40_000)}`);
  expect(long).toMatchObject({
    status: 400,
    answer: { errors: [{ extensions: { code: "DOCUMENT_TOO_LARGE" } }] },
  });
  expect(await post("{ viewer { isAdmin } }")).toEqual({ status: 200, answer: { data: { viewer: null } } });
});

it("masks what fails before GraphQL begins, with the reference that the log has", async () => {
  await database.db.$executeRaw`ALTER TABLE api_key RENAME TO api_key_away`;
  const headers = { authorization: `Bearer ${secret}`, "x-request-id": "edge-failure-1" };
  const failed = await post("{ viewer { isAdmin } }", {}, headers);
  await database.db.$executeRaw`ALTER TABLE api_key_away RENAME TO api_key`;
  const extensions = { code: "INTERNAL_SERVER_ERROR", reference: "edge-failure-1" };
  expect(failed).toEqual({ status: 500, answer: { errors: [{ message: "Unexpected error.", extensions }] } });
  expect(logged).toContainEqual(expect.objectContaining({ requestId: "edge-failure-1" }));
});

it("tells whoever asks by GET that his variables are no JSON", async () => {
  const response = await app.request(
    `/graphql?query=${encodeURIComponent("{ viewer { isAdmin } }")}&variables={`,
  );
  const [status, answer] = [response.status, await response.json()];
  expect([status, answer]).toMatchObject([400, { errors: [{ extensions: { code: "BAD_REQUEST" } }] }]);
});
