import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AgentRuntime, currentCorrelation, type Log, type ToolScope } from "@shiplog/core";
import { ANALYZE_TOOLS, analyze } from "./analyze/definition.ts";
import type { McpServerSpec } from "./mcp/client.ts";
import { McpToolHost } from "./mcp/host.ts";
import { ToolPins } from "./mcp/pins.ts";

export interface AgentRuntimeOptions {
  /** Given to the database server in its environment. */
  readonly databaseUrl: string;
  /** Folders and files that are never read, wherever they lie; the data directory first of all. */
  readonly denyPaths: readonly string[];
  /** Node 24 or newer, which runs the servers. */
  readonly nodePath?: string;
  /** Folders of the installation: a repository around a read folder is looked for up to there, not above. */
  readonly workspaces?: readonly string[];
  /** PATH on which git is looked for. */
  readonly searchPath?: string;
  /** Where the lines go that the servers write to stderr. */
  readonly log?: Log;
  /** The trace that a call belongs to; see `Telemetry` of core. */
  readonly traceparent?: () => string | null;
}

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";
const MEMORY_MIB = 512;

/** Each named in full, so that tools that follow imports find them. */
const SCRIPTS = {
  database: new URL("./servers/database/main.ts", import.meta.url),
  filesystem: new URL("./servers/filesystem/main.ts", import.meta.url),
  git: new URL("./servers/git/main.ts", import.meta.url),
};

/**
 * Second wall behind each server's own checks: no writes, and no programs but where git must run. That this weakens the
 * wall Node would say at every start.
 */
function nodeArgs(name: keyof typeof SCRIPTS, more: readonly string[]): string[] {
  const heap = `--max-old-space-size=${MEMORY_MIB}`;
  const quiet = "--disable-warning=PERM0002";
  return ["--permission", "--allow-fs-read=*", heap, quiet, ...more, fileURLToPath(SCRIPTS[name])];
}

function ceilingOf(path: string, workspaces: readonly string[]): string {
  const above = workspaces
    .map(realPath)
    .filter((workspace) => path === workspace || path.startsWith(`${workspace}/`));
  return above.sort((a, b) => a.length - b.length)[0] ?? path;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The id of the request behind a run, for what its tool servers log. */
function requestEnv(): Record<string, string> {
  const requestId = currentCorrelation()?.requestId;
  return requestId ? { SHIPLOG_REQUEST_ID: requestId } : {};
}

/** What a call of a tool carries beside its arguments. */
function metaOf({ traceparent }: AgentRuntimeOptions): Record<string, string> {
  const parent = traceparent?.();
  const requestId = currentCorrelation()?.requestId;
  return { ...(parent && { traceparent: parent }), ...(requestId && { "shiplog/requestId": requestId }) };
}

/** The servers of one run, each with the correlation of the job that runs it. */
export function serversOf(options: AgentRuntimeOptions, scope: ToolScope): McpServerSpec[] {
  return specsOf(options, scope).map((spec) => ({
    ...spec,
    env: { ...spec.env, ...requestEnv() },
    meta: () => metaOf(options),
    onStderr: (line) => writeLine(options.log, spec.name, line),
  }));
}

/** A line that a tool server wrote: as an error what it logs as one, with its fields as fields. */
function writeLine(log: Log | undefined, server: string, line: string): void {
  const said = parsed(line);
  if (said?.level === "ERROR") log?.error({ server, said }, "a tool server failed");
  else log?.warn({ server, ...(said ? { said } : { line }) }, "a tool server wrote");
}

function parsed(line: string): { readonly level?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** Each child's environment holds what is listed here, the request id, and nothing else. */
function specsOf(options: AgentRuntimeOptions, scope: ToolScope): McpServerSpec[] {
  const command = options.nodePath ?? process.execPath;
  const database: McpServerSpec = {
    name: "database",
    command,
    args: nodeArgs("database", []),
    env: { SHIPLOG_DATABASE_URL: options.databaseUrl, SHIPLOG_PROJECT_ID: scope.projectId },
  };
  if (scope.workspacePath === null) return [database];
  const root = scope.workspacePath;
  const deny = options.denyPaths.map((path) => `--deny=${path}`);
  const ceiling = ceilingOf(root, options.workspaces ?? []);
  const git = [
    `--root=${root}`,
    `--ceiling=${ceiling}`,
    `--search-path=${options.searchPath ?? SEARCH_PATH}`,
  ];
  return [
    database,
    {
      name: "filesystem",
      command,
      args: [...nodeArgs("filesystem", []), `--root=${root}`, ...deny],
      env: {},
    },
    { name: "git", command, args: [...nodeArgs("git", ["--allow-child-process"]), ...git], env: {} },
  ];
}

/** Binds the agents to this installation. */
export function createAgentRuntime(options: AgentRuntimeOptions): AgentRuntime {
  const pins = new ToolPins();
  return {
    definitions: new Map([[analyze.type, analyze]]),
    async openTools(scope, signal) {
      return new McpToolHost({ servers: serversOf(options, scope), allowed: ANALYZE_TOOLS, pins }, signal);
    },
  };
}
