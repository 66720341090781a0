/**
 * A tool call that failed in the tool: refused arguments, a missing file, a time-out. An agent may go on
 * without its answer; every other error (a cancelled run, a spent budget) must reach the executor.
 */
export class ToolCallError extends Error {
  override readonly name = "ToolCallError";
  readonly server: string;
  readonly tool: string;
  constructor(server: string, tool: string, message: string) {
    super(`${server}/${tool}: ${message}`);
    this.server = server;
    this.tool = tool;
  }
}

/** A call that the agent's allow-list does not name, or a tool whose definition is not the pinned one. */
export class ToolRefusedError extends Error {
  override readonly name = "ToolRefusedError";
}
