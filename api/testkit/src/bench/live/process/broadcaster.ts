import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { type WebSocket, WebSocketServer } from "ws";
import { eventCount, eventsAt, now, type Plan, pace } from "../plan.ts";
import { answerCalls } from "../rpc.ts";
import { usage } from "./usage.ts";

/** A frame as the control sends it: the text of the piece or pieces between what surrounds it. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

const rooms = new Map<number, Set<WebSocket>>();
let pool: pg.Pool | null = null;

/** The control: `ws` as its manual has it. The path of a connection is the number of its stream. */
async function open({ databaseUrl }: { readonly databaseUrl: string | null }): Promise<number> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => {
    const stream = Number(request.url?.slice(1));
    const room = rooms.get(stream) ?? new Set();
    rooms.set(stream, room.add(socket));
    socket.on("error", () => {});
    socket.once("close", () => room.delete(socket));
  });
  if (databaseUrl) {
    pool = new pg.Pool({ connectionString: databaseUrl, max: 12 });
    await pool.query(`CREATE TABLE bench_event (stream int, seq int, at timestamptz, type text, data jsonb,
      PRIMARY KEY (stream, seq))`);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function broadcast(stream: number, message: string): void {
  for (const socket of rooms.get(stream) ?? []) socket.send(message);
}

export interface BroadcastOrder {
  readonly plan: Plan;
  readonly frame: Frame;
}

/** One frame per piece, nothing else. */
async function send({ plan, frame }: BroadcastOrder): Promise<void> {
  await pace(plan, (tick) => {
    for (const { stream, pieces } of eventsAt(plan, tick)) {
      for (const piece of pieces) broadcast(stream, frame.before + piece + frame.after);
    }
  });
}

let inserted = 0;

/** One INSERT per event, then its frame. Resolves with when each was committed. */
async function insertAndSend({ plan, frame }: BroadcastOrder): Promise<Float64Array> {
  const commits = new Float64Array(eventCount(plan));
  const writing: Promise<void>[] = [];
  const base = inserted;
  inserted += commits.length;
  await pace(plan, (tick) => {
    for (const { stream, index, pieces } of eventsAt(plan, tick)) {
      writing.push(
        insert(stream, base + index, pieces.join("")).then((text) => {
          commits[index] = now();
          broadcast(stream, frame.before + text + frame.after);
        }),
      );
    }
  });
  await Promise.all(writing);
  return commits;
}

async function insert(stream: number, seq: number, text: string): Promise<string> {
  await pool?.query({
    name: "insert",
    text: "INSERT INTO bench_event VALUES ($1, $2, now(), 'AgentTextDelta', $3)",
    values: [stream, seq, JSON.stringify({ messageId: "m", text })],
  });
  return text;
}

const methods = { ...usage, open, send, insertAndSend };
export type Broadcaster = typeof methods;
answerCalls(methods);
