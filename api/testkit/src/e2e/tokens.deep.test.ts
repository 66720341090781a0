import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, apiClient, signIn } from "../api.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";
import { connectSocket } from "../socket.ts";
import { openEvents } from "../sse.ts";

// A whole server: stream tokens over each of its transports, made with a session that then ends.

let shiplog: RunningShiplog;
let owner: ApiClient;
let executionId: string;
let projectId: string;

const SUBSCRIPTION = `subscription ($id: ID!) {
  agentExecutionEvents(id: $id) { events { seq __typename } }
}`;
const PROJECT = "subscription ($id: ID!) { projectEvents(projectId: $id, tail: 0) { cursor } }";
const APPEND = `mutation ($input: AppendAgentExecutionEventsInput!) {
  result: appendAgentExecutionEvents(input: $input) { __typename ... on Error { message } }
}`;

async function makeToken(permissions: string[]): Promise<string> {
  const { result } = await owner.graphql<{ result: { token: string } }>(
    `mutation ($input: CreateStreamTokenInput!) {
      result: createStreamToken(input: $input) { ... on CreateStreamTokenPayload { token } ... on Error { message } }
    }`,
    { input: { executionId, permissions } },
  );
  return result.token;
}

beforeAll(async () => {
  shiplog = await startShiplog({ env: { SHIPLOG_DEMO: "0" } });
  owner = await signIn(shiplog.url);
  const made = await owner.graphql<{ result: { project: { id: string } } }>(
    `mutation { result: createProject(input: {name: "Tokens"}) { ... on CreateProjectPayload { project { id } } } }`,
  );
  projectId = made.result.project.id;
  const input = { projectId, agentType: "ci", taskDescription: "Stream", external: true };
  const started = await owner.graphql<{ result: { execution: { id: string } } }>(
    `mutation ($input: StartAgentExecutionInput!) {
      result: startAgentExecution(input: $input) { ... on StartAgentExecutionPayload { execution { id } } }
    }`,
    { input },
  );
  executionId = started.result.execution.id;
}, 240_000);
afterAll(() => cleanUp());

test("a token appends over HTTP and reads over a socket and an event stream, until its session ends", async () => {
  const [writer, reader] = [await makeToken(["APPEND"]), await makeToken(["READ"])];
  const input = { id: executionId, events: [{ message: { messageId: "m", role: "assistant", text: "hi" } }] };
  expect(await apiClient(shiplog.url, writer).graphql(APPEND, { input })).toEqual({
    result: { __typename: "AppendAgentExecutionEventsPayload" },
  });
  expect(await apiClient(shiplog.url, reader).graphql(APPEND, { input })).toMatchObject({
    result: { __typename: "ForbiddenError" },
  });
  for (const query of ["{ projects { edges { cursor } } }", "{ agentTypes { name } }"]) {
    await expect(apiClient(shiplog.url, reader).graphql(query)).rejects.toThrow("FORBIDDEN");
  }
  const socket = await connectSocket(`${shiplog.url}/graphql`, {
    params: { authorization: `Bearer ${reader}` },
  });
  const operation = socket.subscribe(SUBSCRIPTION, { id: executionId });
  const { agentExecutionEvents } = await operation.data<{ agentExecutionEvents: { events: unknown[] } }>();
  expect(agentExecutionEvents.events).toHaveLength(2);
  const foreign = await socket.subscribe(PROJECT, { id: projectId }).next();
  expect(foreign).toMatchObject({ type: "error", payload: [{ extensions: { code: "FORBIDDEN" } }] });
  const events = await openEvents(
    `${shiplog.url}/graphql`,
    { query: SUBSCRIPTION, variables: { id: executionId } },
    { authorization: `Bearer ${reader}` },
  );
  expect((await events.message())?.event).toBe("next");
  await fetch(`${shiplog.url}/api/v1/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${owner.token}` },
  });
  expect(await socket.closed).toMatchObject({ code: 4401 });
  const response = await fetch(`${shiplog.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${writer}` },
    body: JSON.stringify({ query: APPEND, variables: { input } }),
  });
  expect(response.status).toBe(401);
  while (await events.next());
});
