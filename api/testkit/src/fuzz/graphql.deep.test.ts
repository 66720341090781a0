import { createSchema } from "@shiplog/schema";
import { startEdge } from "@shiplog/server/testing/edge";
import { type DocumentNode, parse, validate } from "graphql";
import { afterAll, expect, test } from "vitest";
import { Random } from "../authorization/generate.ts";
import { makeCallers } from "../authorization/people.ts";
import { makeTarget } from "../authorization/target.ts";
import { testDatabase } from "../database.ts";
import { SEED } from "../seed.ts";
import { type FuzzRequest, makeRequest } from "./requests.ts";
import { problemsOf, shapeProblems } from "./result.ts";

const REQUESTS = 5_000;
const LANES = 4;
/** These end the caller's own session, or everybody's. */
const ENDING = /\b(endSessions|rotateSigningKey)\b/;

const database = await testDatabase();
const failures: object[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void failures.push(fields) };
const edge = await startEdge(database, {}, { log, settings: { workspaces: ["/usr"] } });
afterAll(() => edge.stop());
const kept = await makeTarget(edge.ctx, "kept", "/usr");
const spare = await makeTarget(edge.ctx, "spare", "/usr");
const { rows, externalId } = kept;
const callers = await makeCallers(edge.ctx, { projectId: rows.projectId, externalId });
const schema = createSchema();

function valid(document: string | null): DocumentNode | null {
  try {
    const parsed = parse(document ?? "");
    return validate(schema, parsed).length === 0 ? parsed : null;
  } catch {
    return null;
  }
}

test(`${REQUESTS} generated GraphQL requests are answered as the schema says, none with 5xx (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const problems: string[] = [];
  const seen = { sent: 0, valid: 0, data: 0 };
  const statuses = new Set<number>();
  const next = (): [FuzzRequest, string | null] => {
    for (;;) {
      const request = makeRequest(random, kept, spare);
      const { own, token } = random.pick(callers);
      if (!own || !ENDING.test(request.body)) return [request, token];
    }
  };
  const one = async () => {
    const [{ method, headers, body, document }, token] = next();
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const init = { method, headers: { ...authorization, ...headers }, body };
    const response = await fetch(`${edge.url}/graphql`, init);
    statuses.add(response.status);
    const answer: unknown = await response.json();
    const parsed = valid(document);
    if (parsed) seen.valid++;
    if (parsed && response.status === 200) seen.data++;
    const found = parsed ? problemsOf(schema, parsed, answer) : shapeProblems(answer);
    if (response.status >= 500) found.push(`${response.status} ${JSON.stringify(failures.at(-1))}`);
    if (found.length > 0) problems.push(`${found.join("; ")}: ${body} -> ${JSON.stringify(answer)}`);
  };
  const lane = async () => {
    while (seen.sent < REQUESTS) {
      seen.sent++;
      await one();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(problems).toEqual([]);
  expect(seen.valid).toBeGreaterThan(REQUESTS / 2);
  expect(seen.data).toBeGreaterThan(REQUESTS / 4);
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 415]));
});
