import { connect } from "node:net";
import { encodeId, SYSTEM } from "@shiplog/core";
import { createProject } from "@shiplog/core/project";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { makeKey } from "@shiplog/testkit/people";
import { afterAll, expect, it } from "vitest";
import { startEdge } from "../testing/edge.ts";

const database = await testDatabase();
const edge = await startEdge(database);
afterAll(() => edge.stop());
const project = await createProject(edge.ctx, SYSTEM, { name: "Given up" });
const query = "subscription($id: ID!) { projectEvents(projectId: $id) { cursor } }";
const variables = JSON.stringify({ id: encodeId("Project", project.id) });
const path = `/graphql?${new URLSearchParams({ query, variables })}`;
/** As many as a key may have open. */
const MOST = 50;

const requestOf = (secret: string) =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Authorization: Bearer ${secret}`,
    "Accept: text/event-stream",
    "\r\n",
  ].join("\r\n");
const UPGRADE =
  "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** Says it, and is gone after so many turns of the event loop. */
async function giveUp(text: string, turns: number): Promise<void> {
  const socket = connect({ port: edge.port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
}

it.each([
  ["at once", (request: string) => request],
  ["with another one behind it", (request: string) => request.repeat(2)],
  ["with an upgrade behind them", (request: string) => request.repeat(2) + UPGRADE],
])("an event stream that is given up %s while it is opened is let go of", async (_how, textOf) => {
  const { secret } = await makeKey(edge.ctx, project.id, ["project:read"]);
  const request = requestOf(secret);
  for (let n = 0; n < MOST; n++) await giveUp(textOf(request), n % 10);
  const follow = () =>
    fetch(`${edge.url}${path}`, {
      headers: { authorization: `Bearer ${secret}`, accept: "text/event-stream" },
    });
  const open = await until(async () => {
    const all = await Promise.all(Array.from({ length: MOST }, follow));
    const good = all.every(({ status }) => status === 200);
    if (!good) await Promise.all(all.map(({ body }) => body?.cancel()));
    return good ? all : null;
  });
  expect(open).toHaveLength(MOST);
  await Promise.all(open.map(({ body }) => body?.cancel()));
});
