import {
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { ProcessGroup, type ProcessSpec } from "./group.ts";

/** Bytes of one message of a server. Its answers stay far below. */
const MESSAGE_CAP = 1024 * 1024;

/**
 * Stdio transport over a process group. The transport of the SDK passes part of our own environment on to
 * the child and ends the child alone, not what the child started.
 */
export class GroupTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #spec: ProcessSpec;
  readonly #graceMs: number;
  readonly #buffer = new ReadBuffer({ maxBufferSize: MESSAGE_CAP });
  #group: ProcessGroup | null = null;

  constructor(spec: ProcessSpec, graceMs: number) {
    this.#spec = spec;
    this.#graceMs = graceMs;
  }

  get pid(): number | null {
    return this.#group?.pid ?? null;
  }

  get stderr(): string {
    return this.#group?.stderr ?? "";
  }

  async start(): Promise<void> {
    const group = new ProcessGroup(this.#spec, this.#graceMs);
    this.#group = group;
    group.leader.stdin.on("error", (error) => this.onerror?.(error));
    group.leader.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    group.leader.once("close", () => this.onclose?.());
    await new Promise<void>((resolve, reject) => {
      group.leader.once("spawn", resolve);
      group.leader.once("error", reject);
    });
  }

  #read(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
      for (let message = this.#next(); message !== null; message = this.#next()) this.onmessage?.(message);
    } catch (error) {
      // Not JSON-RPC, or over the cap: this peer cannot be trusted to keep to the protocol.
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      void this.close();
    }
  }

  #next(): JSONRPCMessage | null {
    return this.#buffer.readMessage();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#group?.leader.stdin;
    if (!stdin?.writable) throw new Error("the tool server is not running");
    await new Promise<void>((resolve, reject) => {
      stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    await this.#group?.stop();
    this.#buffer.clear();
  }
}
