import { setImmediate } from "node:timers/promises";
import { ToolError } from "./tool.ts";

/** Lets cancellations in between stretches of synchronous work, and ends the work when there is one. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted) throw new ToolError("cancelled");
}
