import { connect, type Socket } from "node:net";
import { encodeId, SYSTEM } from "@shiplog/core";
import { startAgentExecution } from "@shiplog/core/agent";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { makeKey } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";
import { HTTP_TIMEOUTS } from "./timeouts.ts";

const TIMES = {
  headersTimeout: 300,
  requestTimeout: 600,
  connectionsCheckingInterval: 50,
  stallTimeout: 700,
};
/** Far more than each of these, far less than the times in life. */
const SOON_MS = 8_000;

const database = await testDatabase();
const edge = await startEdge(database, {}, {}, TIMES);
afterAll(() => edge.stop());
const project = await createProject(edge.ctx, SYSTEM, { name: "Slow" });
const { secret } = await makeKey(edge.ctx, project.id, ["agent:write"]);
const dripping = new Set<NodeJS.Timeout>();
afterAll(() => dripping.forEach(clearInterval));

interface Slow {
  readonly answer: string;
  readonly ms: number;
}

/** Sends `at once`, then a byte every 20 ms for ever; what came back until the connection was gone. */
function drip(atOnce: string, byte: string): Promise<Slow> {
  const { promise, resolve } = Promise.withResolvers<Slow>();
  const began = performance.now();
  const socket: Socket = connect({ port: edge.port, host: "127.0.0.1", noDelay: true });
  let answer = "";
  socket.on("data", (chunk) => {
    answer += String(chunk);
  });
  socket.on("error", () => {});
  socket.write(atOnce);
  const timer = setInterval(() => socket.write(byte), 20);
  dripping.add(timer);
  socket.once("close", () => {
    clearInterval(timer);
    resolve({ answer, ms: performance.now() - began });
  });
  return promise;
}

const head = (line: string, ...more: string[]) =>
  [line, "Host: 127.0.0.1", `Authorization: Bearer ${secret}`, ...more].join("\r\n");
const JSON_BODY = ["Content-Type: application/json", "Content-Length: 60000"];

it("ends who sends its headers a byte at a time", async () => {
  const { answer, ms } = await drip(head("GET /health HTTP/1.1", "X-Slow: "), "a");
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  expect(ms).toBeGreaterThan(TIMES.headersTimeout - 50);
  expect(ms).toBeLessThan(SOON_MS);
});

it.each(["/graphql", "/api/v1/auth/login", "/api/v1/agents/analyze"])(
  "ends who sends its body to %s a byte at a time",
  async (path) => {
    const { answer, ms } = await drip(`${head(`POST ${path} HTTP/1.1`, ...JSON_BODY)}\r\n\r\n`, " ");
    expect(answer).toMatch(/^(HTTP\/1.1 408 |$)/);
    expect(ms).toBeGreaterThan(TIMES.requestTimeout - 50);
    expect(ms).toBeLessThan(SOON_MS);
  },
);

it("ends who never takes its answers, and leaves a silent stream and a silent socket alone", async () => {
  const silent = await fetch(`${edge.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${secret}`,
    },
    body: JSON.stringify({
      query: "subscription($id: ID!) { projectEvents(projectId: $id, tail: 0) { cursor } }",
      variables: { id: encodeId("Project", project.id) },
    }),
  });
  expect(silent.status).toBe(200);
  const reader = silent.body?.getReader();
  await reader?.read();
  const socket = await connectSocket(`${edge.url}/graphql`, {
    params: { authorization: `Bearer ${secret}` },
  });
  const before = await edge.connections();
  const deaf = connect(edge.port, "127.0.0.1");
  deaf.on("error", () => {});
  // More than the kernel takes for a peer that does not.
  deaf.write(`${head("GET /api/v1/openapi.json HTTP/1.1")}\r\n\r\n`.repeat(100));
  await until(async () => (await edge.connections()) > before);
  const began = performance.now();
  await until(async () => (await edge.connections()) === before, 20_000);
  expect(performance.now() - began).toBeGreaterThan(TIMES.stallTimeout / 2);
  deaf.destroy();
  socket.send({ type: "ping" });
  expect(await socket.control.next()).toEqual({ type: "pong" });
  await socket.close();
  await startAgentExecution(edge.ctx, SYSTEM, { projectId: project.id, agentType: "ci", external: true });
  // Signs of life come first when all of this took long.
  let told = "";
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    told += new TextDecoder().decode(part.value);
    if (told.includes("event: next")) break;
  }
  expect(told).toContain("event: next");
  await reader?.cancel();
});

it("gives a peer ten seconds for its headers, thirty for its request, a minute for taking its answer", () => {
  expect(HTTP_TIMEOUTS).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    stallTimeout: 60_000,
  });
});
