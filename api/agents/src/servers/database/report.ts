import { z } from "zod";
import { defineTool, type JsonObject, type ServerTool } from "../shared/tool.ts";
import { type Ask, readOnly } from "./readonly.ts";

export interface DatabaseEnv {
  readonly url: string;
  /** Bound by the worker: no argument of a tool reaches it. */
  readonly projectId: string;
}

export const days = z.int().min(1).max(365).default(30);
export const limit = z.int().min(1).max(50).default(20);

export interface Report<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  /** Every statement takes the project as $1. */
  read(ask: Ask, projectId: string, args: z.output<Input>): Promise<JsonObject>;
}

/** Binds a report to the database and the project of this process. */
export function reportTool<Input extends z.ZodObject>(report: Report<Input>, env: DatabaseEnv): ServerTool {
  return defineTool({
    name: report.name,
    description: report.description,
    input: report.input,
    run: (args, signal) => readOnly(env.url, signal, (ask) => report.read(ask, env.projectId, args)),
  });
}

/** PostgreSQL sums are text; counts and tokens stay far below 2^53. */
export function number(value: string | number | null): number {
  return Number(value ?? 0);
}
