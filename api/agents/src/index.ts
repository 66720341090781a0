export { ToolCallError, ToolRefusedError } from "./mcp/errors.ts";
