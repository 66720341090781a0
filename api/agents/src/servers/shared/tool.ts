import type { z } from "zod";

/** A JSON object: what every tool answers. */
export type JsonObject = { [key: string]: unknown };

/** One tool of one of our servers. `input` is strict: an unknown argument is refused. */
export interface ServerTool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  run(args: z.output<Input>, signal: AbortSignal): Promise<JsonObject>;
}

/** Keeps the argument type of one tool while a server lists tools of different inputs. */
export function defineTool<Input extends z.ZodObject>(tool: ServerTool<Input>): ServerTool {
  return tool as unknown as ServerTool;
}

/** An expected refusal; its message goes to the caller. Any other error is answered as "internal error". */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
