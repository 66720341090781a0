import type { AgentStepIO, Json } from "@shiplog/core";
import { ToolCallError } from "../mcp/errors.ts";
import type { Found } from "./facts.ts";

/**
 * Calls a tool of ours; its failure is a fact of the report, not the end of the run. A cancelled run, a lost
 * lease or a spent budget is none of the tool's and goes on to the executor.
 */
export async function ask<T extends object>(
  io: AgentStepIO,
  server: string,
  tool: string,
  args: Json,
): Promise<Found<T>> {
  try {
    return { available: true, ...((await io.tool(server, tool, args)) as unknown as T) };
  } catch (error) {
    if (error instanceof ToolCallError) return { available: false, reason: error.message };
    throw error;
  }
}

/** Facts are plain data; this drops what JSON cannot hold. */
export function toJson(facts: object): Json {
  return JSON.parse(JSON.stringify(facts)) as Json;
}
