import { seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { connectSocket } from "@shiplog/testkit/socket";
import { afterAll, expect, test } from "vitest";
import { Documents, documentId } from "./document.ts";
import { RUN } from "./testing/documents.ts";
import { startLiveServer, TEST_SCHEMA } from "./testing/server.ts";

const ctx = await makeContext(await testDatabase());
const server = await startLiveServer(ctx, {
  documents: new Documents({ schema: TEST_SCHEMA, trusted: [RUN], mayAdHoc: () => false }),
});
afterAll(() => server.stop());

const OWN = `subscription Own${RUN.slice("subscription ".length)}`;
const ID = documentId(RUN);
const BY_ID = { documentId: ID };
const BY_HASH = { persistedQuery: { version: 1, sha256Hash: ID.slice("sha256:".length) } };
const UNKNOWN = { documentId: "sha256:0" };

test.each([
  ["the text of a trusted document", RUN, {}, "next", 200],
  ["its id", "", BY_ID, "next", 200],
  ["its id as clients of persisted queries send it", "", BY_HASH, "next", 200],
  ["an id that is not known", "", UNKNOWN, "PERSISTED_QUERY_NOT_FOUND", 400],
  ["a text of one's own", OWN, {}, "FORBIDDEN", 403],
  ["a text of one's own beside a trusted id", OWN, BY_ID, "FORBIDDEN", 403],
])(
  "only trusted documents run, over both transports: %s",
  async (_name, query, extensions, answer, status) => {
    const story = await seedStory(ctx);
    const authorization = server.credential(await story.member());
    const variables = { id: story.execution };
    const client = await connectSocket(server.url, { params: { authorization } });
    client.send({ id: "one", type: "subscribe", payload: { query, extensions, variables } });
    const message = await client.control.next();
    const [error] = message?.type === "error" ? (message.payload as { extensions: { code: string } }[]) : [];
    expect(error?.extensions.code ?? message?.type).toBe(answer);
    const [asked, abort] = [new URL(server.url), new AbortController()];
    asked.searchParams.set("query", query);
    asked.searchParams.set("extensions", JSON.stringify(extensions));
    asked.searchParams.set("variables", JSON.stringify(variables));
    const headers = { authorization, accept: "text/event-stream" };
    expect((await fetch(asked, { headers, signal: abort.signal })).status).toBe(status);
    abort.abort();
    await client.close();
  },
);
