import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const edge = await startEdge(database);
afterAll(() => edge.stop());
const project = await createProject(edge.ctx, SYSTEM, { name: "Bodies" });
const { secret } = await makeKey(edge.ctx, project.id, ["agent:write"]);
const authorization = `Bearer ${secret}`;

/** Sends this much and waits for all that comes back. */
async function exchange(text: string): Promise<string> {
  const socket: Socket = connect(edge.port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  socket.on("data", (chunk) => {
    answer += String(chunk);
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(answer));
  socket.write(text);
  return promise;
}

function post(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(edge.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization, ...headers },
    body,
  });
}

it("answers 24 MB to /graphql with 413 before a byte of them was sent", async () => {
  const head = [
    "POST /graphql HTTP/1.1",
    "Host: 127.0.0.1",
    `Authorization: ${authorization}`,
    "Content-Type: application/json",
    `Content-Length: ${24 * 1024 * 1024}`,
  ];
  // The answer comes, and the connection ends, although no body follows.
  const answer = await exchange(`${head.join("\r\n")}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toContain("PAYLOAD_TOO_LARGE");
});

it("stops reading a body of unknown length at its cap", async () => {
  let sent = 0;
  const chunk = new Uint8Array(256 * 1024).fill(32);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += chunk.byteLength;
      if (sent > 64 * 1024 * 1024) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const response = await fetch(`${edge.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body,
    duplex: "half",
  } as RequestInit).catch(() => null);
  // Cut off while it still sends, a client may see the reset before the answer.
  if (response) expect(response.status).toBe(413);
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

it("refuses JSON that is deep or wide before it is parsed, everywhere", async () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const bomb = `{"query":"{ viewer { isAdmin } }","variables":${deep(70)}}`;
  expect((await post("/graphql", bomb)).status).toBe(400);
  expect((await post("/graphql", `{"query":"{ viewer { isAdmin } }","variables":${deep(60)}}`)).status).toBe(
    200,
  );
  const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 50_001 }, (_, i) => [`k${i}`, 1])));
  expect((await post("/graphql", `{"query":"{ viewer { isAdmin } }","variables":${keys}}`)).status).toBe(400);
  const rest = await post("/api/v1/agents/analyze", deep(70));
  expect([rest.status, (await rest.json()).errors[0].code]).toEqual([400, "BAD_REQUEST"]);
  const fine = { projectId: encodeId("Project", project.id) };
  expect((await post("/api/v1/agents/analyze", JSON.stringify(fine))).status).not.toBe(400);
});

it("takes no compressed bodies, so nothing is unpacked", async () => {
  const bomb = gzipSync(Buffer.alloc(1024 * 1024, 32));
  for (const path of ["/graphql", "/api/v1/agents/analyze"]) {
    expect((await post(path, bomb, { "content-encoding": "gzip" })).status).toBe(415);
  }
});

it("reads no more of a request for a stream than of any other", async () => {
  const deep = `{"query":"subscription { projectEvents(projectId: \\"x\\") { cursor } }","variables":{"a":${"[".repeat(70)}${"]".repeat(70)}}}`;
  const refused = await post("/graphql", deep, { accept: "text/event-stream" });
  expect([refused.status, (await refused.json()).errors[0].message]).toEqual([
    400,
    "The body exceeds the depth that JSON may have here (64).",
  ]);
});
