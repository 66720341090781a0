import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { Documents, documentId } from "@shiplog/live";
import { createSchema, measureOperation } from "@shiplog/schema";
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
const { secret: reader } = await makeKey(ctx, project.id, ["pipeline:read"]);
const TRUSTED = "query Trusted { viewer { isAdmin } }";

const streams = { open: () => Promise.reject(new Error("no streams here")) };
const yoga = createGraphQL({
  schema: createSchema(),
  log: quiet,
  timeoutMs: 1_500,
  contextFor: ({ actor, requestId }) => ({ core: ctx, actor, streams, requestId }),
});
const schema = createSchema();
const documents = new Documents({
  trusted: [TRUSTED],
  schema,
  measure: measureOperation,
  mayAdHoc: (credential) => credential !== null,
});
/** No request here asks for a stream, which would be written to the response itself. */
const incoming = new IncomingMessage(new Socket());
const bindings = { incoming, outgoing: new ServerResponse(incoming) };
const unavailable = () => new Response(null, { status: 503 });
const live = { accessMark: () => 0, handleSse: async () => null, unavailable };
const app = graphqlRoutes({ ctx, yoga, documents, allowedOrigins: [], live });

function post(query: string, variables: object = {}, headers: Record<string, string> = {}) {
  return send({ query, variables }, headers);
}

async function send(body: object, headers: Record<string, string> = {}) {
  const response = await app.request(
    "/graphql",
    {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    },
    bindings,
  );
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
  const known = { authorization: `Bearer ${secret}` };
  const tokens = await post(`{ ${"viewer { isAdmin } ".repeat(600)} }`, {}, known);
  expect(JSON.stringify(tokens.answer)).toContain("2000 tokens");
  const long = await post(`{ viewer { isAdmin } } #${"x".repeat(40_000)}`, {}, known);
  expect(long).toMatchObject({
    status: 400,
    answer: { errors: [{ extensions: { code: "DOCUMENT_TOO_LARGE" } }] },
  });
  const small = await post("{ viewer { isAdmin } }", {}, known);
  expect(small).toEqual({ status: 200, answer: { data: { viewer: { isAdmin: false } } } });
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

it("takes a stranger's documents only when they are the dashboard's own", async () => {
  const own = await post("{ viewer { isAdmin } }");
  expect(own).toMatchObject({
    status: 401,
    answer: { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
  });
  expect(await post(TRUSTED)).toEqual({ status: 200, answer: { data: { viewer: null } } });
  const named = await send({ documentId: documentId(TRUSTED) });
  expect(named).toEqual({ status: 200, answer: { data: { viewer: null } } });
  const persistedQuery = { version: 1, sha256Hash: documentId(TRUSTED).slice("sha256:".length) };
  expect(await send({ extensions: { persistedQuery } })).toEqual(named);
  const unknown = await send({ documentId: documentId("{ viewer { isAdmin user { id } } }") });
  expect(unknown).toMatchObject({
    status: 200,
    answer: { errors: [{ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }] },
  });
});

it("counts pages by variables and by their defaults, and by the operation that runs", async () => {
  const known = { authorization: `Bearer ${reader}` };
  const page = (definition: string) => `query Large(${definition}) {
    pipelineExecutions(projectId: "x", first: $first) { edges { node { jobs { steps { name } } a: deployments { id } b: deployments { id } c: deployments { id } } } } } query Small { viewer { isAdmin } }`;
  const code = async (definition: string, variables: object, operationName: string) => {
    const body = { query: page(definition), variables, operationName };
    const { answer } = await send(body, known);
    return (answer.errors?.[0] as { extensions: { code: string } } | undefined)?.extensions.code ?? null;
  };
  expect(await code("$first: Int", { first: 100 }, "Large")).toBe("QUERY_TOO_COMPLEX");
  expect(await code("$first: Int", { first: 1 }, "Large")).toBeNull();
  expect(await code("$first: Int", {}, "Large")).toBe("QUERY_TOO_COMPLEX");
  expect(await code("$first: Int = 100", {}, "Large")).toBe("QUERY_TOO_COMPLEX");
  expect(await code("$first: Int = 1", {}, "Large")).toBeNull();
  expect(await code("$first: Int = 1", { first: 100 }, "Large")).toBe("QUERY_TOO_COMPLEX");
  expect(await code("$first: Int = 100", {}, "Small")).toBeNull();
  expect(await code("$first: Int", { first: "many" }, "Large")).toBe("BAD_USER_INPUT");
});

it("stops an operation that takes too long, and its statement in PostgreSQL", async () => {
  const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = database.db.$transaction(
    async (tx) => {
      await tx.$executeRaw`LOCK TABLE pipeline_execution IN ACCESS EXCLUSIVE MODE`;
      locked.resolve();
      await release.promise;
    },
    { timeout: 30_000 },
  );
  await locked.promise;
  const waiting = async () => {
    const rows = await database.db.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'active' AND wait_event_type = 'Lock'`;
    return rows[0]?.n;
  };
  const query = `{ pipelineExecutions(projectId: "${encodeId("Project", project.id)}") { edges { node { id } } } }`;
  const answered = post(query, {}, { authorization: `Bearer ${reader}` });
  await expect.poll(waiting).toBe(1);
  expect((await answered).answer).toMatchObject({ errors: [{ extensions: { code: "OPERATION_TIMEOUT" } }] });
  // The lock is still held: what waited for it was cancelled.
  await expect.poll(waiting).toBe(0);
  release.resolve();
  await holding;
});
