import process from "node:process";
import { type CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { type JsonObject, type ServerTool, ToolError } from "./tool.ts";

/** Bytes of JSON that one answer may have; tools page so that they stay below. */
export const OUTPUT_CAP = 64 * 1024;
const INPUT_ELEMENTS = 2_000;
const INPUT_BYTES = 256 * 1024;

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), "utf8");
}

function answer(output: JsonObject): CallToolResult {
  const text = JSON.stringify(output);
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > OUTPUT_CAP)
    throw new ToolError(`The answer has ${bytes} bytes, over the cap of ${OUTPUT_CAP}.`);
  return { content: [{ type: "text", text }], structuredContent: output };
}

async function runTool(tool: ServerTool, args: unknown, signal: AbortSignal): Promise<CallToolResult> {
  try {
    return answer(await tool.run(args as never, signal));
  } catch (error) {
    if (error instanceof ToolError) return refusal(error.message);
    logFailure(tool.name, error);
    return refusal("internal error");
  }
}

/** One JSON line on stderr, which the parent puts into its own log, under the id of the request behind this run. */
function logFailure(tool: string, error: unknown): void {
  // biome-ignore lint/style/noProcessEnv: the worker sets it for this process
  const requestId = process.env.SHIPLOG_REQUEST_ID;
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `${JSON.stringify({ level: "ERROR", requestId, tool, msg: "a tool failed unexpectedly", stack })}\n`,
  );
}

function refusal(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/**
 * Serves the tools on stdin and stdout until stdin ends. The end of stdin ends the process at once, whatever
 * still runs: that is how a server dies with a parent that was killed.
 */
export async function serveTools(name: string, tools: readonly ServerTool[]): Promise<void> {
  const server = new McpServer({ name, version: "1.0.0" }, { maxToolInputElements: INPUT_ELEMENTS });
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        description: tool.description,
        inputSchema: tool.input,
        annotations: { readOnlyHint: true, openWorldHint: false },
      },
      (args: unknown, ctx) => runTool(tool, args, ctx.mcpReq.signal),
    );
  }
  process.stdin.on("end", () => process.exit(0));
  process.stdin.on("close", () => process.exit(0));
  await server.connect(
    new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: INPUT_BYTES }),
  );
}
