import { createHash } from "node:crypto";
import type { Tool } from "@modelcontextprotocol/client";
import { ToolRefusedError } from "./errors.ts";

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

/** SHA-256 of all that a model or a person may have judged a tool by. */
export function definitionHash(tool: Tool): string {
  return createHash("sha256").update(canonical(tool)).digest("hex");
}

/**
 * Remembers each tool's definition from the first time it is seen, over all connections that share the pins.
 * A server that later lists the tool otherwise is refused: what was allowed is not what would run.
 */
export class ToolPins {
  readonly #hashes = new Map<string, string>();

  check(server: string, tools: readonly Tool[]): void {
    for (const tool of tools) {
      const key = `${server}/${tool.name}`;
      const hash = definitionHash(tool);
      const pinned = this.#hashes.get(key);
      if (pinned === undefined) this.#hashes.set(key, hash);
      else if (pinned !== hash)
        throw new ToolRefusedError(`${key}: its definition changed; the call is refused.`);
    }
  }
}
