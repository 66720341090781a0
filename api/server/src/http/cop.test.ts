import { SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { makeKey } from "@shiplog/testkit/people";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, describe, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

/*
 * The twelve checks of graphql-cop, each as the tool sends it, by a stranger, by a key, and over a socket. The
 * tool calls a server clean when the bold request gets no data.
 */

const database = await testDatabase();
const edge = await startEdge(database, { SHIPLOG_ADHOC_GRAPHQL: "keys" });
afterAll(() => edge.stop());
const project = await createProject(edge.ctx, SYSTEM, { name: "Cop" });
const { secret } = await makeKey(edge.ctx, project.id, ["activity:write"]);
const authorization = `Bearer ${secret}`;

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly data: unknown;
  readonly codes: readonly unknown[];
}

async function send(path: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(`${edge.url}/graphql${path}`, init);
  const text = await response.text();
  const parsed = (() => {
    try {
      return JSON.parse(text) as { data?: unknown; errors?: { extensions: { code: unknown } }[] };
    } catch {
      return {};
    }
  })();
  const codes = (parsed.errors ?? []).map((error) => error.extensions.code);
  return { status: response.status, text, data: parsed.data, codes };
}

const json = (body: unknown, headers: Record<string, string>) =>
  send("", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const asKey = (query: string) => json({ query }, { authorization });
const asStranger = (query: string) => json({ query }, {});

async function overSocket(query: string): Promise<{ text: string; codes: readonly unknown[] }> {
  const client = await connectSocket(`${edge.url}/graphql`, { params: { authorization } });
  const message = (await client.subscribe(query, {}).next()) as { type: string; payload?: unknown };
  await client.close();
  expect(message.type).toBe("error");
  const errors = message.payload as { extensions: { code: unknown } }[];
  return { text: JSON.stringify(errors), codes: errors.map((error) => error.extensions.code) };
}

const ALIASES = `query cop { ${Array.from({ length: 101 }, (_, i) => `alias${i}: __typename`).join(" ")} }`;
const FIELDS = `query cop { ${"__typename ".repeat(501)} }`;
const DIRECTIVES = `query cop { __typename ${"@aa ".repeat(21)} }`;
const CIRCULAR = `query cop { __schema { types { fields { type { fields { type { fields { type { fields { type {
  name } } } } } } } } } } }`;
const INTROSPECTION = "query cop { __schema { types { name fields { name } } } }";
const SUGGESTION = "query cop { __schema { directive } }";

describe("graphql-cop", () => {
  it.each([
    ["alias overloading", ALIASES, "DOCUMENT_TOO_LARGE"],
    ["field duplication", FIELDS, "DOCUMENT_TOO_LARGE"],
    ["directive overloading", DIRECTIVES, "DOCUMENT_TOO_LARGE"],
    ["circular introspection", CIRCULAR, "GRAPHQL_VALIDATION_FAILED"],
    ["field suggestions", SUGGESTION, "GRAPHQL_VALIDATION_FAILED"],
  ])("%s gets nothing, over both transports", async (_name, query, code) => {
    const key = await asKey(query);
    expect(key.data).toBeUndefined();
    expect(key.codes).toContain(code);
    expect(key.text).not.toMatch(/did you mean/i);
    const stranger = await asStranger(query);
    expect(stranger).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"] });
    const socket = await overSocket(query);
    expect(socket.codes).toContain(code);
    expect(socket.text).not.toMatch(/did you mean/i);
  });

  it("introspection is for those who may send documents, and never runs on a socket", async () => {
    expect(await asStranger(INTROSPECTION)).toMatchObject({ status: 401, codes: ["UNAUTHENTICATED"] });
    expect((await asKey(INTROSPECTION)).data).toMatchObject({ __schema: {} });
    expect((await overSocket(INTROSPECTION)).codes).toEqual(["SUBSCRIPTIONS_ONLY"]);
  });

  it("array-based query batching is refused", async () => {
    const batch = Array.from({ length: 10 }, () => ({ query: "query cop { __typename }" }));
    expect(await json(batch, { authorization })).toMatchObject({ status: 400, codes: ["BAD_REQUEST"] });
  });

  it("GET runs neither queries nor mutations", async () => {
    const headers = { authorization };
    for (const query of ["query cop { __typename }", "mutation cop { __typename }"]) {
      const got = await send(`?query=${encodeURIComponent(query)}`, { headers });
      expect([got.status, got.codes]).toEqual([405, ["METHOD_NOT_ALLOWED"]]);
      const streamed = await send(`?query=${encodeURIComponent(query)}`, {
        headers: { ...headers, accept: "text/event-stream" },
      });
      expect([streamed.status, streamed.codes]).toEqual([405, ["METHOD_NOT_ALLOWED"]]);
    }
    expect((await overSocket("mutation cop { __typename }")).codes).toEqual(["SUBSCRIPTIONS_ONLY"]);
  });

  it("POST takes JSON and nothing that a form could send", async () => {
    const body = new URLSearchParams({ query: "query cop { __typename }" });
    const form = new FormData();
    form.set("operations", JSON.stringify({ query: "query cop { __typename }" }));
    for (const bold of [body, form, JSON.stringify({ query: "query cop { __typename }" })]) {
      const got = await send("", { method: "POST", headers: { authorization }, body: bold });
      expect([got.status, got.codes]).toEqual([415, ["UNSUPPORTED_MEDIA_TYPE"]]);
    }
  });

  it("no tracing is told", async () => {
    const traced = await json(
      { query: "query cop { __typename }" },
      { authorization, "x-apollo-tracing": "1" },
    );
    expect(JSON.parse(traced.text)).toEqual({ data: { __typename: "Query" } });
  });

  it("no GraphiQL where no person may send documents of his own", async () => {
    for (const path of ["", "/graphiql", "/playground", "/console"]) {
      const page = await send(path, { headers: { accept: "text/html" } });
      expect(page.text).not.toMatch(/graphiql|playground/i);
    }
  });
});
