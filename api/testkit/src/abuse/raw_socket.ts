import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameReader } from "../bench/live/load/frames.ts";

/** How a connection ended: the code of a close frame, the status of an HTTP answer, or nothing but the end. */
export type End = number | "cut";

export interface Frame {
  /** 1 text, 0 continuation, 9 ping, 10 pong. */
  readonly opcode: number;
  readonly payload?: Buffer;
  /** The message ends with it; it does, unless told. */
  readonly last?: boolean;
  /** What the header claims; the payload's own length unless told. */
  readonly length?: number;
  readonly masked?: boolean;
  /** Bits that must be clear. */
  readonly reserved?: number;
}

/** A client's frame as nobody would send it. The mask is of zeros, which leaves the bytes as they are. */
export function frameBytes(frame: Frame): Buffer {
  const { opcode, payload = Buffer.alloc(0), last = true, masked = true, reserved = 0 } = frame;
  const { length = payload.length } = frame;
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  const header = Buffer.alloc(short < 126 ? 2 : short === 126 ? 4 : 10);
  header[0] = (last ? 0x80 : 0) | reserved | opcode;
  header[1] = (masked ? 0x80 : 0) | short;
  if (short === 126) header.writeUInt16BE(length, 2);
  if (short === 127) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), payload]);
}

/** A connection that says what it is told and keeps in mind how it ends. */
export interface RawSocket {
  readonly socket: Socket;
  /** Settles when the connection is gone. */
  readonly ended: Promise<End>;
  readonly isOpen: boolean;
  /** Resolves when the bytes are on their way, or the connection is gone. */
  send(bytes: Buffer): Promise<void>;
}

export interface RawSocketOptions {
  /** Behind the request's line; a WebSocket's handshake unless told. */
  readonly head?: string;
  /** Takes nothing that the server sends. */
  readonly deaf?: boolean;
}

const UPGRADE = [
  "GET /graphql HTTP/1.1",
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  "Sec-WebSocket-Protocol: graphql-transport-ws",
  "\r\n",
].join("\r\n");

/** Opens one and, unless it is deaf or told otherwise, waits for the answer to the handshake. */
export async function openRawSocket(port: number, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { head = UPGRADE, deaf = false } = options;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const { promise: ended, resolve: end } = Promise.withResolvers<End>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let how: End = "cut";
  let text = "";
  const frames = new FrameReader({
    onText: () => {},
    onPing: () => {},
    onClose: (payload) => {
      how = payload.length >= 2 ? payload.readUInt16BE() : 1005;
    },
  });
  const onHead = (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const at = text.indexOf("\r\n\r\n");
    if (at < 0) return;
    const status = Number(text.slice(9, 12));
    if (status !== 101) {
      how = status;
      return;
    }
    const rest = Buffer.from(text.slice(at + 4), "latin1");
    socket.off("data", onHead);
    socket.on("data", (bytes: Buffer) => frames.push(bytes, bytes.length));
    frames.push(rest, rest.length);
    answer();
  };
  if (!deaf) socket.on("data", onHead);
  socket.on("error", () => {});
  socket.once("close", () => {
    end(how);
    answer();
  });
  await Promise.race([once(socket, "connect"), ended]).catch(() => {});
  if (head) socket.write(head, "latin1");
  if (!deaf && head === UPGRADE) await answered;
  return {
    socket,
    ended,
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
    send: async (bytes) => {
      if (socket.destroyed || !socket.writable || socket.write(bytes)) return;
      await Promise.race([once(socket, "drain").catch(() => {}), ended]);
    },
  };
}
