import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";

const PROTOCOL = "graphql-transport-ws";

/**
 * Stands before a server and can keep back what its streams say, to tell it later at the pace at which it came: then
 * a browser on the server's machine has the processor for itself, as it has everywhere else.
 */
export interface Relay {
  readonly port: number;
  /** From now on answers of streams are kept; all else passes. */
  hold(): void;
  /** Tells what was kept, each answer as long after the first as it came, and passes what comes from then on. */
  play(): Promise<void>;
  close(): Promise<void>;
}

interface Kept {
  readonly at: number;
  readonly text: string;
  readonly to: WebSocket;
}

const isAnswer = (text: string) => (JSON.parse(text) as { type: string }).type === "next";

function forward(port: number, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url: path, headers } = incoming;
  const behind = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  behind.on("error", () => outgoing.destroy());
  incoming.pipe(behind);
}

/** Both ends of a socket; `tell` is given what comes from behind. */
function join(front: WebSocket, behind: WebSocket, tell: (text: string) => void): void {
  const early: string[] = [];
  front.on("message", (data) => {
    if (behind.readyState === WebSocket.CONNECTING) early.push(String(data));
    else behind.send(String(data));
  });
  behind.on("open", () => {
    for (const text of early) behind.send(text);
  });
  behind.on("message", (data) => tell(String(data)));
  for (const [one, other] of [
    [front, behind],
    [behind, front],
  ] as const) {
    one.on("close", () => other.close());
    one.on("error", () => other.terminate());
  }
}

export async function startRelay(port: number): Promise<Relay> {
  const kept: Kept[] = [];
  let holding = false;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer((incoming, outgoing) => forward(port, incoming, outgoing));
  server.on("upgrade", (incoming, socket, head) => {
    const { origin, cookie = "" } = incoming.headers;
    sockets.handleUpgrade(incoming, socket, head, (front) => {
      const behind = new WebSocket(`ws://127.0.0.1:${port}${incoming.url}`, PROTOCOL, {
        perMessageDeflate: false,
        headers: { cookie },
        ...(origin && { origin }),
      });
      join(front, behind, (text) => {
        if (holding && isAnswer(text)) kept.push({ at: performance.now(), text, to: front });
        else front.send(text);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hold: () => {
      holding = true;
    },
    play: async () => {
      const by = performance.now() - (kept[0]?.at ?? 0);
      for (let next = kept.shift(); next; next = kept.shift()) {
        const wait = next.at + by - performance.now();
        if (wait > 0) await later(wait);
        next.to.send(next.text);
      }
      holding = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const front of sockets.clients) front.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
