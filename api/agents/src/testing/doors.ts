import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type McpServerSpec, openMcp } from "../mcp/client.ts";
import { ToolPins } from "../mcp/pins.ts";
import type { JsonObject, ServerTool } from "../servers/shared/tool.ts";

/** A way to call a server's tools. A refusal is a rejected promise on every way. */
export interface Door {
  // biome-ignore lint/suspicious/noExplicitAny: tests read the answers of many tools
  call(tool: string, args?: JsonObject): Promise<any>;
}

/** In this process: what the tool does once the protocol has handed it its arguments. */
export function direct(tools: readonly ServerTool[]): Door {
  return {
    async call(name, args = {}) {
      const tool = tools.find((known) => known.name === name);
      if (!tool) throw new Error(`no tool ${name}`);
      const output = await tool.run(tool.input.parse(args), new AbortController().signal);
      return JSON.parse(JSON.stringify(output));
    },
  };
}

/** Over the protocol, to a child process that ends with the test file. */
export async function overMcp(spec: McpServerSpec): Promise<Door> {
  const signal = new AbortController().signal;
  const connection = await openMcp(spec, new ToolPins(), signal);
  afterAll(() => connection.close());
  return { call: (tool, args = {}) => connection.call(tool, args as never, signal) };
}

export function serverScript(name: string): string {
  return fileURLToPath(new URL(`../servers/${name}/main.ts`, import.meta.url));
}
