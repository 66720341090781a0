import type { Json, ToolHost } from "@shiplog/core";
import { type McpConnection, type McpServerSpec, openMcp } from "./client.ts";
import { ToolCallError, ToolRefusedError } from "./errors.ts";
import type { ToolPins } from "./pins.ts";

export interface HostOptions {
  readonly servers: readonly McpServerSpec[];
  /** `server/tool` names that may be called; nothing else may. */
  readonly allowed: ReadonlySet<string>;
  readonly pins: ToolPins;
}

/** The tool servers of one claim. Each starts with its first call and lives until the host is closed. */
export class McpToolHost implements ToolHost {
  readonly #options: HostOptions;
  readonly #ended = new AbortController();
  readonly #open = new Map<string, Promise<McpConnection>>();

  constructor(options: HostOptions, signal: AbortSignal) {
    this.#options = options;
    if (signal.aborted) this.#ended.abort(signal.reason);
    signal.addEventListener("abort", () => this.#ended.abort(signal.reason), {
      once: true,
      signal: this.#ended.signal,
    });
  }

  async call(server: string, tool: string, args: Json, signal: AbortSignal): Promise<Json> {
    if (!this.#options.allowed.has(`${server}/${tool}`)) {
      throw new ToolRefusedError(`${server}/${tool} is not among the tools this agent may call.`);
    }
    const spec = this.#options.servers.find((known) => known.name === server);
    if (!spec) throw new ToolCallError(server, tool, "not available in this run");
    const both = AbortSignal.any([signal, this.#ended.signal]);
    const connection = await this.#connect(spec);
    return connection.call(tool, args, both);
  }

  #connect(spec: McpServerSpec): Promise<McpConnection> {
    const open = this.#open.get(spec.name);
    if (open) return open;
    const opening = openMcp(spec, this.#options.pins, this.#ended.signal);
    this.#open.set(spec.name, opening);
    opening.catch(() => this.#open.delete(spec.name));
    return opening;
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#ended.abort(new Error("the tools were closed"));
    await Promise.all(
      open.map((opening) => opening.then((connection) => connection.close()).catch(() => undefined)),
    );
  }
}
