import { Client, ProtocolError, SdkError, SdkErrorCode, type Tool } from "@modelcontextprotocol/client";
import type { Json } from "@shiplog/core";
import { ToolCallError, ToolRefusedError } from "./errors.ts";
import type { ProcessSpec } from "./group.ts";
import type { ToolPins } from "./pins.ts";
import { GroupTransport } from "./transport.ts";

export interface McpServerSpec extends ProcessSpec {
  /** The name under which agents call it, e.g. `filesystem`. */
  readonly name: string;
  readonly callTimeoutMs?: number;
  /** SIGKILL follows SIGTERM after this long. */
  readonly graceMs?: number;
  /** Sent along with each call, as the protocol's `_meta`: the trace and the request that the call belongs to. */
  readonly meta?: () => Record<string, string>;
}

const START_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 30_000;
const GRACE_MS = 5_000;
/** The server caps its answers at 64 KiB; a server that does not is not believed. */
const RESULT_CAP = 128 * 1024;

/** One running tool server. */
export interface McpConnection {
  readonly pid: number | null;
  call(tool: string, args: Json, signal: AbortSignal): Promise<Json>;
  /** Ends the server and everything it started. */
  close(): Promise<void>;
}

/**
 * Starts a server and shakes hands. The client declares no capability: no roots (a server would put them
 * above its own argv), no sampling, no elicitation.
 */
export async function openMcp(
  spec: McpServerSpec,
  pins: ToolPins,
  signal: AbortSignal,
): Promise<McpConnection> {
  const transport = new GroupTransport(spec, spec.graceMs ?? GRACE_MS);
  const client = new Client({ name: "shiplog", version: "1.0.0" }, { capabilities: {} });
  const onAbort = () => void transport.close();
  try {
    signal.throwIfAborted();
    signal.addEventListener("abort", onAbort, { once: true });
    await client.connect(transport, { timeout: START_TIMEOUT_MS, signal });
    pins.check(spec.name, (await client.listTools()).tools);
  } catch (error) {
    signal.removeEventListener("abort", onAbort);
    await transport.close();
    signal.throwIfAborted();
    if (error instanceof ToolRefusedError) throw error;
    const said = lastWords(transport.stderr);
    throw new Error(`the tool server ${spec.name} did not start: ${said || String(error)}`, { cause: error });
  }
  return {
    get pid() {
      return transport.pid;
    },
    call: (tool, args, callSignal) => callTool(client, spec, pins, tool, args, callSignal),
    async close() {
      signal.removeEventListener("abort", onAbort);
      await transport.close();
      await client.close();
    },
  };
}

/** The error that a process died of, else the end of what it said. */
function lastWords(stderr: string): string {
  const error = /^(?:\w*Error|Error)(?: \[\w+\])?: (.+)$/mu.exec(stderr)?.[1];
  return error ?? stderr.trim().split("\n").at(-1) ?? "";
}

async function callTool(
  client: Client,
  spec: McpServerSpec,
  pins: ToolPins,
  tool: string,
  args: Json,
  signal: AbortSignal,
): Promise<Json> {
  signal.throwIfAborted();
  const options = { signal, timeout: spec.callTimeoutMs ?? CALL_TIMEOUT_MS };
  try {
    // One round trip of a millisecond buys that a definition cannot change between two calls.
    const { tools } = await client.listTools({}, { ...options, cacheMode: "bypass" });
    pins.check(spec.name, tools);
    if (!tools.some((known: Tool) => known.name === tool))
      throw new ToolCallError(spec.name, tool, "no such tool");
    const params = { name: tool, arguments: args as Record<string, unknown>, _meta: spec.meta?.() };
    const result = await client.callTool(params, options);
    return readResult(spec.name, tool, result);
  } catch (error) {
    signal.throwIfAborted();
    throw translate(spec.name, tool, error);
  }
}

function readResult(server: string, tool: string, result: Awaited<ReturnType<Client["callTool"]>>): Json {
  if (result.isError) {
    const first = result.content[0];
    throw new ToolCallError(server, tool, first?.type === "text" ? first.text.slice(0, 500) : "failed");
  }
  const output = (result.structuredContent ?? null) as Json;
  if (Buffer.byteLength(JSON.stringify(output)) > RESULT_CAP) {
    throw new ToolCallError(server, tool, "the answer is over the cap");
  }
  return output;
}

function translate(server: string, tool: string, error: unknown): unknown {
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return new ToolCallError(server, tool, "timed out");
  }
  if (error instanceof ProtocolError) return new ToolCallError(server, tool, error.message.slice(0, 500));
  if (error instanceof SdkError) return new ToolCallError(server, tool, `the server ended (${error.code})`);
  return error;
}
