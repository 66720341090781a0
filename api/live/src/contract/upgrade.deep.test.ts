import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { RING } from "@shiplog/testkit/cluster";
import { testDatabase } from "@shiplog/testkit/database";
import { until } from "@shiplog/testkit/deferred";
import { cleanUp, spawnShiplog, startShiplog } from "@shiplog/testkit/process";
import { proxyDatabase } from "@shiplog/testkit/proxy";
import { openSocket, UpgradeRefused } from "@shiplog/testkit/socket";
import { afterAll, expect, onTestFinished, test } from "vitest";

const database = await testDatabase();
const ENV = { SHIPLOG_KEYS: RING, SHIPLOG_ROLE: "server" };

afterAll(cleanUp);

/** The status with which an upgrade is refused; null when it is not, or nobody listens. */
async function refusal(url: string): Promise<number | null> {
  try {
    (await openSocket(`${url}/graphql`)).kill();
    return null;
  } catch (error) {
    return error instanceof UpgradeRefused ? error.status : null;
  }
}

/** A peer that speaks WebSocket but never answers a close; resolves when it is connected. */
async function mutePeer(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

/** The first byte of a close frame. */
const CLOSE_FRAME = 0x88;

test("while a server goes down an upgrade gets 503, and a peer that does not answer its close is cut off after 1 s", async () => {
  const shiplog = await startShiplog({ env: { ...ENV, DATABASE_URL: database.url } });
  const peer = await mutePeer(shiplog.url);
  const gone = once(peer, "close");
  const told = once(peer, "data") as Promise<[Buffer]>;
  const stopped = shiplog.stop();
  const [frame] = await told;
  const toldAt = performance.now();
  expect(frame[0]).toBe(CLOSE_FRAME);
  expect(frame.readUInt16BE(2)).toBe(1012);
  expect(await refusal(shiplog.url)).toBe(503);
  await gone;
  const took = performance.now() - toldAt;
  expect(took).toBeGreaterThan(900);
  expect(took).toBeLessThan(2_000);
  expect(await stopped).toBeLessThan(5_000);
});

test("while a server is not up yet an upgrade gets 503", async () => {
  const { proxy, url: databaseUrl } = await proxyDatabase(database.url);
  onTestFinished(() => proxy.close());
  proxy.refuse();
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const url = `http://127.0.0.1:${port}`;
  const starting = spawnShiplog({ env: { ...ENV, DATABASE_URL: databaseUrl, PORT: `${port}` } });
  await until(async () => (await refusal(url)) === 503, 30_000);
  proxy.heal();
  await until(() => starting.output().includes("Shiplog is ready"), 30_000);
  expect(await refusal(url)).toBeNull();
});
