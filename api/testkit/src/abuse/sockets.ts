import { setImmediate as turn } from "node:timers/promises";
import { type End, type Frame, frameBytes, openRawSocket, type RawSocket } from "./raw_socket.ts";

/** A way to burden the stream's sockets. */
export interface Attack {
  readonly name: string;
  /** Every end that PROTOCOL.md gives it. */
  readonly ends: readonly End[];
  /** Connections at a time; each that ended is followed by the next while the attack lasts. */
  readonly connections: number;
  /** Never opened anew: what counts is how many there are, and that they end. */
  readonly once?: boolean;
  /** Goes on until the connection is gone. */
  run(port: number): Promise<End>;
}

const KIB = 1024;
const TEXT = 1;
const CONTINUATION = 0;
const PING = 9;
const PONG = 10;
const PING_MESSAGE = Buffer.from('{"type":"ping"}');

/** Frames in one write, so that the attacker costs less than what he attacks. */
function many(count: number, frame: Frame): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frameBytes(frame)));
}

function flood(first: Buffer, rest: Buffer, deaf = false): Attack["run"] {
  return async (port) => {
    const client = await openRawSocket(port, { deaf });
    await client.send(first);
    await whileOpen(client, () => client.send(rest));
    return client.ended;
  };
}

async function whileOpen(client: RawSocket, work: () => Promise<void>): Promise<void> {
  while (client.isOpen) {
    await work();
    await turn();
  }
}

function say(...frames: Frame[]): Attack["run"] {
  return async (port) => {
    const client = await openRawSocket(port);
    await client.send(Buffer.concat(frames.map(frameBytes)));
    return client.ended;
  };
}

const OPENING = frameBytes({ opcode: TEXT, payload: Buffer.from('"'), last: false });
const more = (payload: Buffer): Frame => ({ opcode: CONTINUATION, payload, last: false });

/** A frame of the largest size, in as many pieces as it has bytes. */
async function byteByByte(port: number): Promise<End> {
  const client = await openRawSocket(port);
  const bytes = frameBytes({ opcode: TEXT, payload: Buffer.alloc(64 * KIB, 32) });
  let at = 0;
  await whileOpen(client, () => client.send(bytes.subarray(at, ++at)));
  return client.ended;
}

/** Small pieces of a message, each in the middle of bytes that would be kept with it. */
const LITTERED = Buffer.concat([
  frameBytes(more(Buffer.from("a"))),
  many(500, { opcode: PONG, payload: Buffer.alloc(125) }),
]);

const DEEP = Buffer.from(`{"type":"ping","payload":{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`);

export const SOCKET_ATTACKS: readonly Attack[] = [
  {
    name: "empty fragments without an end",
    ends: [1008],
    connections: 2,
    run: flood(OPENING, many(5_000, more(Buffer.alloc(0)))),
  },
  {
    name: "fragments of a byte",
    ends: [1008],
    connections: 2,
    run: flood(OPENING, many(5_000, more(Buffer.from("a")))),
  },
  {
    name: "fragments of a KiB",
    ends: [1009],
    connections: 2,
    run: flood(OPENING, frameBytes(more(Buffer.alloc(KIB, 97)))),
  },
  { name: "fragments among pongs", ends: [1008, 4429], connections: 2, run: flood(OPENING, LITTERED) },
  { name: "a frame of 64 KiB byte by byte", ends: [1008, 4400, 4408], connections: 1, run: byteByByte },
  {
    name: "a frame over 64 KiB",
    ends: [1009],
    connections: 2,
    run: flood(frameBytes({ opcode: TEXT, payload: Buffer.alloc(64 * KIB + 1) }), Buffer.alloc(64 * KIB)),
  },
  {
    name: "a frame that claims 2 GiB",
    ends: [1009],
    connections: 2,
    run: flood(frameBytes({ opcode: TEXT, length: 2 ** 31 }), Buffer.alloc(64 * KIB)),
  },
  {
    name: "text that is no UTF-8",
    ends: [1007],
    connections: 2,
    run: say({ opcode: TEXT, payload: Buffer.from([0xff, 0xc0, 0x80]) }),
  },
  {
    name: "a frame without a mask",
    ends: [1002],
    connections: 1,
    run: say({ opcode: TEXT, payload: PING_MESSAGE, masked: false }),
  },
  {
    name: "a frame with a reserved bit",
    ends: [1002],
    connections: 1,
    run: say({ opcode: TEXT, payload: PING_MESSAGE, reserved: 0x40 }),
  },
  { name: "a message that is deep", ends: [4400], connections: 2, run: say({ opcode: TEXT, payload: DEEP }) },
  {
    name: "messages without a pause",
    ends: [4429],
    connections: 2,
    run: flood(Buffer.alloc(0), many(1_000, { opcode: TEXT, payload: PING_MESSAGE })),
  },
  {
    name: "pings without a pause",
    ends: [4429, "cut"],
    connections: 2,
    run: flood(Buffer.alloc(0), many(5_000, { opcode: PING, payload: Buffer.alloc(125) })),
  },
  {
    name: "pings of a peer that reads nothing",
    ends: ["cut"],
    connections: 2,
    run: flood(Buffer.alloc(0), many(5_000, { opcode: PING, payload: Buffer.alloc(125) }), true),
  },
  {
    name: "pongs without a pause",
    ends: [4429],
    connections: 2,
    run: flood(Buffer.alloc(0), many(5_000, { opcode: PONG })),
  },
  { name: "open sockets without a word", ends: [4408], connections: 1_000, once: true, run: say() },
  {
    name: "connections without a word",
    ends: [408, "cut"],
    connections: 300,
    once: true,
    run: (port) => openRawSocket(port, { head: "" }).then(({ ended }) => ended),
  },
  {
    name: "requests without an end",
    ends: [408, "cut"],
    connections: 300,
    once: true,
    run: (port) =>
      openRawSocket(port, {
        head: "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n",
      }).then(({ ended }) => ended),
  },
];
