import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Work } from "@shiplog/core";
import { SILENT } from "@shiplog/core";
import { until } from "@shiplog/testkit/deferred";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createEgressFetch, type EgressOptions } from "./fetch.ts";

const TOTAL_MS = 400;
/** Far more than that, far less than the ten seconds of life. */
const SOON_MS = 5_000;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** What the other side does once a request has come. */
let answer: (socket: Socket) => void = () => {};
let requests: string[] = [];
const sockets = new Set<Socket>();
let server: Server;
let port = 0;

beforeEach(async () => {
  requests = [];
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      requests.push(String(chunk));
      answer(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as { port: number });
});
afterEach(() => new Promise((done) => server.close(done)));

const host = () => `slow.example:${port}`;
const url = () => `http://${host()}/`;

function egress(more: EgressOptions = {}): typeof fetch {
  const resolve = async () => ["127.0.0.1"];
  return createEgressFetch({ allow: [host()], resolve, totalMs: TOTAL_MS, ...more });
}

/** It fails within its time, and nothing of it stays behind. */
async function expectEnded(going: Promise<Response>, why: RegExp): Promise<void> {
  const began = performance.now();
  await expect(going).rejects.toThrow(why);
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  await until(() => sockets.size === 0);
}

/** Writes again and again for as long as somebody is there. */
function keepWriting(socket: Socket, bytes: string | Buffer, everyMs: number): void {
  const timer = setInterval(() => socket.write(bytes), everyMs);
  socket.once("close", () => clearInterval(timer));
}

const LATE = /did not answer in time/;
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

it.each<readonly [string, (socket: Socket) => void]>([
  ["takes the connection and says nothing", () => {}],
  ["begins its headers and stops", (socket) => socket.write("HTTP/1.1 200 OK\r\nX-Slow: ")],
  [
    "sends its headers a byte at a time",
    (socket) => {
      socket.write(`${HEAD}X-Slow: `);
      keepWriting(socket, "a", 20);
    },
  ],
  ["sends its headers, then nothing", (socket) => socket.write(`${HEAD}Content-Length: 10\r\n\r\n`)],
  ["stops in the middle of its body", (socket) => socket.write(`${HEAD}Content-Length: 10\r\n\r\nhalf`)],
  [
    "sends its body a byte at a time",
    (socket) => {
      socket.write(`${HEAD}Content-Length: 60000\r\n\r\n`);
      keepWriting(socket, "a", 20);
    },
  ],
])("a server that %s is given up in time", async (_what, behaviour) => {
  answer = behaviour;
  await expectEnded(egress()(url()), LATE);
});

it("a name that is not resolved in time is given up as well", async () => {
  await expectEnded(egress({ resolve: () => new Promise(() => {}) })(url()), LATE);
  expect(requests).toEqual([]);
});

it("a body without an end is cut at the cap", async () => {
  answer = (socket) => {
    socket.write(`${HEAD}\r\n`);
    keepWriting(socket, Buffer.alloc(16 * 1024, 97), 1);
  };
  await expectEnded(egress({ totalMs: 30_000 })(url()), /larger than 65536 bytes/);
});

it("headers without an end are cut as well", async () => {
  answer = (socket) => {
    socket.write(HEAD);
    keepWriting(socket, `X-More: ${"a".repeat(4_000)}\r\n`, 1);
  };
  await expectEnded(egress({ totalMs: 30_000 })(url()), /Header overflow/);
});

it("redirects without an end are followed five times", async () => {
  answer = (socket) => socket.end("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  await expectEnded(egress({ totalMs: 30_000 })(url()), /redirects elsewhere/);
  expect(requests).toHaveLength(6);
});

it("a caller who gives up ends the request", async () => {
  const abort = new AbortController();
  answer = () => abort.abort(new Error("enough"));
  await expectEnded(egress()(url(), { signal: abort.signal }), /enough/);
});

it("each request is measured; what is refused before it goes out is none", async () => {
  const measured: Work[] = [];
  const telemetry = {
    ...SILENT,
    measure: <T>(work: Work, run: () => Promise<T>) => {
      measured.push(work);
      return run();
    },
  };
  answer = (socket) =>
    socket.end(
      requests.length === 1
        ? "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
        : `${HEAD}Content-Length: 0\r\n\r\n`,
    );
  const going = egress({ telemetry });
  expect((await going(url(), { method: "POST", body: "x" })).status).toBe(200);
  await expect(going("http://127.0.0.1/")).rejects.toThrow("public internet");
  const work = { kind: "outgoing_request", host: host() };
  expect(measured).toEqual([
    { ...work, method: "POST" },
    { ...work, method: "GET" },
  ]);
});

it("the trace goes to the operator's own servers only, whoever redirects there or away", async () => {
  const telemetry = { ...SILENT, traceparent: () => TRACEPARENT };
  const stranger = `stranger.example:${port}`;
  answer = (socket) => {
    const from = /^host: (\S+)/im.exec(requests.at(-1) ?? "")?.[1];
    const other = from === stranger ? host() : stranger;
    const moved = requests.length < 3 ? `302 Found\r\nLocation: http://${other}/\r\n` : "200 OK\r\n";
    socket.end(`HTTP/1.1 ${moved}Content-Length: 0\r\n\r\n`);
  };
  const going = egress({ telemetry, allow: [host(), stranger], traced: [host()] });
  await going(url(), { headers: { traceparent: TRACEPARENT, tracestate: "a=b" } });
  const sent = requests.map((text) => /^traceparent: (\S+)/im.exec(text)?.[1] ?? null);
  expect(sent).toEqual([TRACEPARENT, null, TRACEPARENT]);
  expect(requests.join("")).not.toMatch(/^tracestate:/im);
});
