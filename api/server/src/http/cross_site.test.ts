import { request as httpRequest } from "node:http";
import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { launchBrowser } from "@shiplog/testkit/browser";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { serve } from "@shiplog/testkit/serve";
import { afterAll, describe, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";
import { securityHeaders } from "./secure.ts";

/*
 * What a page of another origin can make a signed-in browser send: simple requests with its cookie, by every method,
 * content type and set of headers that browsers add. None may change anything, and no answer may be readable there.
 */

const EVIL = "https://evil.example";
const database = await testDatabase();
const edge = await startEdge(database);
const { ctx, port } = edge;
const project = await createProject(ctx, SYSTEM, { name: "Target", slug: "target" });
const person = await makePerson(ctx, { [project.id]: "owner" });
const cookie = `shiplog_at=${person.accessToken}`;
afterAll(() => edge.stop());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
}

/** As it is on the wire: no client adds or checks anything. */
function raw(method: string, path: string, headers: Record<string, string>, body = ""): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpRequest({ host: "127.0.0.1", port, method, path, headers }, (response) => {
    response.resume();
    response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
  });
  sent.on("upgrade", (_response, socket) => {
    socket.destroy();
    resolve({ status: 101, headers: {} });
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

const id = encodeId("Project", project.id);
const MUTATION = `mutation { updateProject(input: {id: "${id}", name: "Taken"}) { __typename } }`;
const JSON_BODY = JSON.stringify({ query: MUTATION });
const FORM_BODY = new URLSearchParams({ query: MUTATION }).toString();

const SITES: readonly (readonly [string, Record<string, string>])[] = [
  ["cross-site", { origin: EVIL, "sec-fetch-site": "cross-site" }],
  ["a sibling host", { origin: "http://other.127.0.0.1", "sec-fetch-site": "same-site" }],
  ["a browser without Sec-Fetch-Site", { origin: EVIL }],
  ["a page without an origin", { origin: "null", "sec-fetch-site": "cross-site" }],
];

const FORMS: readonly (readonly [string, string, string, Record<string, string>, string])[] = [
  ["JSON", "POST", "/graphql", { "content-type": "application/json" }, JSON_BODY],
  ["text that is JSON", "POST", "/graphql", { "content-type": "text/plain" }, JSON_BODY],
  ["a form", "POST", "/graphql", { "content-type": "application/x-www-form-urlencoded" }, FORM_BODY],
  ["GET", "GET", `/graphql?query=${encodeURIComponent(MUTATION)}`, {}, ""],
  [
    "REST",
    "POST",
    "/api/v1/agents/analyze",
    { "content-type": "application/json" },
    JSON.stringify({ projectId: id }),
  ],
  [
    "a WebSocket",
    "GET",
    "/graphql",
    {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16, 1).toString("base64"),
      "sec-websocket-protocol": "graphql-transport-ws",
    },
    "",
  ],
];

const CASES = SITES.flatMap(([site, from]) => FORMS.map((form) => [site, ...form, from] as const));

describe("from a page elsewhere, with the visitor's cookie", () => {
  it("the table has its 24 forms", () => expect(CASES.length).toBe(24));

  it.each(CASES)("%s: %s changes nothing", async (_site, _name, method, path, headers, body, from) => {
    const before = await ctx.db.project.findUniqueOrThrow({ where: { id: project.id } });
    const answer = await raw(method, path, { ...headers, ...from, cookie }, body);
    expect([403, 405, 415]).toContain(answer.status);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(await ctx.db.project.findUniqueOrThrow({ where: { id: project.id } })).toEqual(before);
    expect(await ctx.db.agentExecution.count()).toBe(0);
  });

  it("no preflight is granted, and the server's own page may do all of it", async () => {
    for (const path of ["/graphql", "/api/v1/agents/analyze"]) {
      const asks = { origin: EVIL, "access-control-request-method": "POST" };
      const preflight = await raw("OPTIONS", path, {
        ...asks,
        "access-control-request-headers": "content-type",
      });
      expect(preflight.headers["access-control-allow-origin"]).toBeUndefined();
    }
    const own = {
      cookie,
      origin: edge.url,
      "sec-fetch-site": "same-origin",
      "content-type": "application/json",
    };
    expect((await raw("POST", "/graphql", own, JSON_BODY)).status).toBe(200);
    expect(await ctx.db.project.findUnique({ where: { id: project.id } })).toMatchObject({ name: "Taken" });
  });
});

describe("in a real browser with two origins", () => {
  it("a page of the other one can neither act, nor read, nor open a socket or a frame", async () => {
    const page = `<!doctype html><title>evil</title><body></body>`;
    const evil = await serve({
      fetch: () => new Response(page, { headers: { "content-type": "text/html" } }),
    });
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext();
      // Ports are no part of a site: the cookie travels, as between hosts of one domain.
      await context.addCookies([
        { name: "shiplog_at", value: person.accessToken, url: edge.url, sameSite: "Lax" },
      ]);
      const tab = await context.newPage();
      await tab.goto(evil.url);
      const before = await ctx.db.project.findUnique({ where: { id: project.id } });
      const outcome = await tab.evaluate(
        async ({ url, mutation }) => {
          const attempt = async (init: RequestInit) =>
            fetch(`${url}/graphql`, { credentials: "include", method: "POST", ...init }).then(
              (response) => `${response.type} ${response.status}`,
              () => "refused",
            );
          const body = JSON.stringify({ query: mutation });
          const socket = await new Promise<string>((resolve) => {
            const opened = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
            opened.onopen = () => resolve("open");
            opened.onerror = () => resolve("refused");
          });
          return {
            json: await attempt({ headers: { "content-type": "application/json" }, body }),
            blind: await attempt({ mode: "no-cors", headers: { "content-type": "text/plain" }, body }),
            form: await attempt({ mode: "no-cors", body: new URLSearchParams({ query: mutation }) }),
            socket,
          };
        },
        { url: edge.url, mutation: MUTATION.replace("Taken", "Stolen") },
      );
      expect(outcome).toEqual({ json: "refused", blind: "opaque 0", form: "opaque 0", socket: "refused" });
      expect(await ctx.db.project.findUnique({ where: { id: project.id } })).toEqual(before);
    } finally {
      await browser.close();
      await evil.close();
    }
  });
});

describe("headers", () => {
  it("every answer forbids frames, sniffing and what it does not need", async () => {
    for (const path of ["/health/live", "/api/v1/openapi.json", "/api/docs", "/graphql", "/nothing.js"]) {
      const { headers } = await raw("GET", path, { accept: path === "/graphql" ? "text/html" : "*/*" });
      expect([path, headers["x-content-type-options"]]).toEqual([path, "nosniff"]);
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(headers["content-security-policy"]).not.toMatch(/script-src [^;]*'unsafe/);
      expect(headers["referrer-policy"]).toBeTruthy();
      expect(headers["permissions-policy"]).toContain("camera=()");
      expect(headers["strict-transport-security"]).toBeUndefined();
    }
  });

  it("an event stream carries the same as every other answer, over https too", async () => {
    const secure = await startEdge(database, { SHIPLOG_PUBLIC_URL: "https://shiplog.example" });
    const query = `subscription { projectEvents(projectId: "${id}", tail: 0) { cursor } }`;
    try {
      for (const {
        url,
        ctx: { settings },
      } of [edge, secure]) {
        const streamed = await fetch(`${url}/graphql?query=${encodeURIComponent(query)}`, {
          headers: { accept: "text/event-stream", authorization: `Bearer ${person.accessToken}` },
        });
        expect(streamed.headers.get("content-type")).toContain("text/event-stream");
        for (const [name, value] of Object.entries(securityHeaders(settings.publicUrl))) {
          expect([name, streamed.headers.get(name)]).toEqual([name, value]);
        }
        await streamed.body?.cancel();
      }
    } finally {
      await secure.stop();
    }
  });

  it("over https browsers are told to stay there, and pages of tools have a nonce of their own each time", async () => {
    const secure = await startEdge(database, { SHIPLOG_PUBLIC_URL: "https://shiplog.example" });
    try {
      const answer = await fetch(`${secure.url}/health/live`);
      expect(answer.headers.get("strict-transport-security")).toBe("max-age=63072000");
      const nonce = async () => {
        const response = await fetch(`${secure.url}/graphql`, { headers: { accept: "text/html" } });
        const [, found] =
          /script-src 'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "") ?? [];
        expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
        expect(await response.text()).toContain(`nonce="${found}"`);
        return found;
      };
      expect(await nonce()).not.toBe(await nonce());
    } finally {
      await secure.stop();
    }
  });
});
