/** What a server's frames carry, in order. */
export interface FrameSink {
  /** A whole text message; the bytes are only valid during the call. */
  onText(bytes: Buffer, start: number, end: number): void;
  onPing(payload: Buffer): void;
  onClose?(payload: Buffer): void;
}

const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9 } as const;
const NONE = Buffer.alloc(0);

/**
 * Cuts a server's bytes into frames (RFC 6455, section 5.2): they are never masked, and nobody here fragments
 * messages. Costs no allocation for frames that arrive whole.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  /** The beginning of a frame whose rest has not come. */
  #carry: Buffer = NONE;
  frames = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer, length: number): void {
    if (this.#carry.length === 0) {
      this.#keep(chunk, this.#read(chunk, 0, length), length);
      return;
    }
    const joined = Buffer.concat([this.#carry, chunk.subarray(0, length)]);
    this.#carry = NONE;
    this.#keep(joined, this.#read(joined, 0, joined.length), joined.length);
  }

  #keep(bytes: Buffer, from: number, end: number): void {
    if (from < end) this.#carry = Buffer.from(bytes.subarray(from, end));
  }

  /** Handles the whole frames from `at` on; returns where the first incomplete one begins. */
  #read(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (end - at >= 2) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (end - at < header) break;
      const size =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2));
      const start = at + header;
      if (end - start < size) break;
      this.#handle((bytes[at] ?? 0) & 0x0f, bytes, start, start + size);
      at = start + size;
    }
    return at;
  }

  #handle(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODE.text) {
      this.frames++;
      this.#sink.onText(bytes, start, end);
    } else if (opcode === OPCODE.ping) {
      this.#sink.onPing(Buffer.from(bytes.subarray(start, end)));
    } else if (opcode === OPCODE.close) {
      this.#sink.onClose?.(Buffer.from(bytes.subarray(start, end)));
    } else if (opcode === OPCODE.continuation) {
      throw new Error("a fragmented message, which no server here sends");
    }
  }
}

/** A client's frame, masked as it must be; the mask need not be random against a server of ours. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : 4);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | Math.min(length, 126);
  if (length > 0xffff) throw new Error("longer than a client here ever says");
  if (length >= 126) header.writeUInt16BE(length, 2);
  // A mask of zeros leaves the bytes as they are.
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}

export function textFrame(text: string): Buffer {
  return clientFrame(OPCODE.text, Buffer.from(text));
}

export function pongFrame(payload: Buffer): Buffer {
  return clientFrame(0xa, payload);
}
