import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testDatabase } from "@shiplog/testkit/database";
import { sendRaw } from "@shiplog/testkit/raw";
import { afterAll, describe, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";
import { createListener } from "./listener.ts";
import { securityHeaders } from "./secure.ts";
import { dashboardRoutes } from "./static.ts";

/* What is on the wire, byte by byte: what no client would send, and what must not come back for it. */

const database = await testDatabase();
const errors: unknown[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
const edge = await startEdge(database, {}, { log });
const folder = mkdtempSync(join(tmpdir(), "shiplog-wire-"));
const dist = join(folder, "dist");
mkdirSync(join(dist, "assets"), { recursive: true });
writeFileSync(join(folder, "outside.txt"), "outside");
writeFileSync(join(dist, ".stamp"), "hidden");
writeFileSync(join(dist, "index.html"), "<!doctype html><title>page</title>");
writeFileSync(join(dist, "assets/a.js"), "inside");
const dashboard = dashboardRoutes(dist, "http://127.0.0.1:4000");
const files = createServer(
  createListener((request) => dashboard.fetch(request), "http://127.0.0.1:4000", log),
);
await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
afterAll(async () => {
  files.close();
  rmSync(folder, { recursive: true });
  await edge.stop();
});

/** The statuses of all answers to what was sent, and the last of them. */
async function answers(bytes: string, url = edge.url): Promise<{ statuses: number[]; text: string }> {
  const text = await sendRaw(url, bytes);
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  return { statuses, text };
}

const HOST = "Host: 127.0.0.1\r\n";
const CLOSE = "Connection: close\r\n";
const HIDDEN_REQUEST = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

describe("where a request ends", () => {
  it.each([
    ["both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${HIDDEN_REQUEST}`],
    ["a space before the colon", "Transfer-Encoding : chunked\r\n", `0\r\n\r\n${HIDDEN_REQUEST}`],
    ["an unknown encoding", "Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${HIDDEN_REQUEST}`],
    ["chunked, but not at last", "Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${HIDDEN_REQUEST}`],
    ["two lengths", "Content-Length: 0\r\nContent-Length: 53\r\n", HIDDEN_REQUEST],
    ["a list of lengths", "Content-Length: 0, 53\r\n", HIDDEN_REQUEST],
    ["a length with a sign", "Content-Length: +5\r\n", `12345${HIDDEN_REQUEST}`],
    ["a folded header", "X-A: b\r\n c: d\r\nContent-Length: 0\r\n", ""],
    ["a bare line feed", "X-A: b\nContent-Length: 0\r\n", ""],
    ["a NUL in a header", "X-A: b\0c\r\nContent-Length: 0\r\n", ""],
    ["a chunk of a size beyond all", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"],
    ["chunks ended by a line feed", "Transfer-Encoding: chunked\r\n", `2\n{}\n0\n\n${HIDDEN_REQUEST}`],
  ])("%s is refused, and nothing behind it is taken for a request", async (_name, headers, body) => {
    const head = `POST /graphql HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${headers}\r\n`;
    expect((await answers(head + body)).statuses).toEqual([400]);
  });

  it("a body that nobody reads is no request either", async () => {
    const head = `GET /health/live HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: ${HIDDEN_REQUEST.length}\r\n\r\n`;
    expect((await answers(head + HIDDEN_REQUEST)).statuses).toEqual([200]);
  });
});

describe("what is asked", () => {
  it.each(["TRACE", "TRACK", "CONNECT", "OPTIONS", "PUT", "DELETE", "PROPFIND", "QUERY", "NONSENSE"])(
    "%s is refused everywhere, and nothing of the request comes back",
    async (method) => {
      for (const path of ["/", "/graphql", "/api/v1/auth/login", "/health", "/metrics", "/assets/a.js"]) {
        const { statuses, text } = await answers(
          `${method} ${path} HTTP/1.1\r\n${HOST}${CLOSE}X-Mine: echo\r\n\r\n`,
        );
        expect(
          statuses.filter((status) => ![204, 400, 404, 405].includes(status)),
          path,
        ).toEqual([]);
        expect(text).not.toContain("echo");
        expect(text).not.toMatch(/access-control-allow-origin/i);
      }
    },
  );

  it.each([
    ["no host", "", 400],
    ["two hosts", "Host: 127.0.0.1\r\nHost: evil.example\r\n", 400],
    ["a host with a space", "Host: a b\r\n", 400],
    ["a host with a user", "Host: a@b\r\n", 400],
    ["a host with a path", "Host: a/b\r\n", 400],
    ["a port beyond all", "Host: a:99999\r\n", 400],
  ])("%s is a bad request", async (_name, host, status) => {
    for (const line of ["GET /health/live", "POST /graphql", "GET /"]) {
      expect((await answers(`${line} HTTP/1.1\r\n${host}${CLOSE}\r\n`)).statuses).toEqual([status]);
    }
  });

  it("HEAD answers as GET without a body, and HTTP/1.0 needs no host", async () => {
    const { text } = await answers(`HEAD /health/live HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
    expect((await answers("GET /health/live HTTP/1.0\r\n\r\n")).statuses).toEqual([200]);
  });

  it("what is refused before any route has the headers of every answer", async () => {
    for (const request of [
      `TRACE / HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
      `GET /\\.. HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
      `GET * HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
    ]) {
      const { text } = await answers(request);
      for (const [name, value] of Object.entries(securityHeaders(edge.url)))
        expect(text.toLowerCase()).toContain(`\r\n${name}: ${value.toLowerCase()}\r\n`);
    }
    expect(errors).toEqual([]);
  });

  it("no header of a request becomes one of the answer but for an id of the strict form", async () => {
    const ids = ["ok-1234567890", "a\tb", "é", "x".repeat(300), "<script>", "a; b=c"];
    for (const [at, id] of ids.entries()) {
      const { text } = await answers(
        `GET /health/live HTTP/1.1\r\n${HOST}${CLOSE}X-Request-Id: ${id}\r\n\r\n`,
      );
      expect(text.includes(id), id).toBe(at === 0);
    }
    for (const path of [
      "/%0d%0aSet-Cookie:%20a=b",
      "/api/v1/auth/github/start?return=/%0d%0aSet-Cookie:a=b",
    ]) {
      const { text } = await answers(`GET ${path} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`);
      expect(text).not.toMatch(/^set-cookie: ?a=b/im);
    }
  });
});

describe("files of the dashboard", () => {
  const { port } = files.address() as AddressInfo;
  const get = (path: string) =>
    answers(`GET ${path} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, `http://127.0.0.1:${port}`);

  it("those inside are served", async () => {
    const { statuses, text } = await get("/assets/a.js");
    expect(statuses).toEqual([200]);
    expect(text).toMatch(/inside$/);
  });

  it.each([
    ...["/../outside.txt", "/assets/../../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt"],
    ...["/assets/..%2f..%2foutside.txt", "/..%5coutside.txt", "/..\\outside.txt", "/..%252foutside.txt"],
    ...["//outside.txt", "/./../outside.txt", "/..;/outside.txt", "/%c0%ae%c0%ae/outside.txt"],
    ...["/.stamp", "/%2estamp", "/%2Estamp", "/assets/../.stamp", "/%00", "/a%00.js", "/%", "/%ff.js"],
  ])("%s leads to none", async (path) => {
    const { statuses, text } = await get(path);
    expect([400, 404]).toContain(statuses[0]);
    expect(text).not.toMatch(/outside$|hidden$/);
    expect(errors).toEqual([]);
  });

  it("a page may connect to its own host only, by either scheme, and runs nothing that stands in it", async () => {
    const page = await answers(
      `GET /any/where HTTP/1.1\r\nAccept: text/html\r\n${HOST}${CLOSE}\r\n`,
      `http://127.0.0.1:${port}`,
    );
    const [, policy = ""] = /^content-security-policy: (.+)$/im.exec(page.text) ?? [];
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:4000 ws://localhost:4000;");
    expect(policy).not.toMatch(/unsafe|\*|data:[^;]*script| wss?:[; ]/);
  });
});
