import { once } from "node:events";
import { request } from "node:http";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const edge = await startEdge(database);
afterAll(() => edge.stop());

/** As clients send it that would rather speak HTTP/2. */
async function offering(method: string, path: string, headers: Record<string, string>, body?: string) {
  const offer = {
    connection: "Upgrade, HTTP2-Settings",
    upgrade: "h2c",
    "http2-settings": "AAMAAABkAAQCAAAAAAIAAAAA",
  };
  const sent = request(`${edge.url}${path}`, { method, headers: { ...offer, ...headers } });
  sent.end(body);
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode as number, text };
}

it("answers a client that offers HTTP/2 as if it had offered nothing", async () => {
  const { accessToken } = await makePerson(edge.ctx, {});
  const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  expect((await offering("GET", "/health/live", {})).status).toBe(200);
  const asked = await offering(
    "POST",
    "/graphql",
    headers,
    JSON.stringify({ query: "{ viewer { isAdmin } }" }),
  );
  expect(asked).toEqual({ status: 200, text: '{"data":{"viewer":{"isAdmin":false}}}' });
});
