export { ToolCallError, ToolRefusedError } from "./mcp/errors.ts";
export { type AgentRuntimeOptions, createAgentRuntime } from "./runtime.ts";
