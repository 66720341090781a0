import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { openRawSocket } from "../abuse/raw_socket.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, startShiplog } from "../process.ts";

/** More than Node lets wait unless told (511), fewer than Linux does (4096). */
const CONNECTIONS = 1_500;

const database = await testDatabase();
afterAll(cleanUp);

it("takes every connection that came while it was busy, also those that never say a word", async () => {
  const server = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SHIPLOG_ROLE: "server",
    },
  });
  const port = Number(new URL(server.url).port);
  // As busy as can be: the system shakes hands for it, and nobody takes the connections.
  server.child.kill("SIGSTOP");
  const silent = Array.from({ length: CONNECTIONS }, () => openRawSocket(port, { head: "" }));
  const sockets = await Promise.all(silent).finally(() => server.child.kill("SIGCONT"));
  const ends = await Promise.all(sockets.map(({ ended }) => ended));
  expect(new Set(ends)).toEqual(new Set([408]));
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
});
