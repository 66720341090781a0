import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../errors.ts";
import { cannotRun, SERVER_ENV } from "./cluster.ts";
import { readPostmaster } from "./orphan.ts";
import type { Place } from "./place.ts";
import { waitUntil } from "./processes.ts";

const SETTINGS: Record<string, string> = {
  // Reached through a socket in a private folder only: no other user of the machine can even try a password.
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "100",
  shared_buffers: "128MB",
  timezone: "UTC",
  log_timezone: "UTC",
  fsync: "on",
  synchronous_commit: "on",
  // Queries here are short: compiling them costs more than it saves.
  jit: "off",
  log_checkpoints: "off",
  log_min_messages: "warning",
  cluster_name: "shiplog",
};

const START_LIMIT_MS = 120_000;
const LOG_LIMIT_BYTES = 10_000_000;

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
}

/** Starts postgres on the cluster and returns once it takes connections. */
export async function startServer(
  place: Place,
  socketDir: string,
  overrides: Record<string, string> = {},
): Promise<ServerProcess> {
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socketDir, ...overrides });
  const logFile = join(place.home, "server.log");
  const { handle, offset } = openLog(logFile);
  // Its own session: Ctrl-C in the terminal reaches us alone, and we end the server after the last query.
  const child = spawn(
    join(place.binaries.root, "bin/postgres"),
    ["-D", place.cluster, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    { cwd: "/", env: SERVER_ENV, stdio: ["ignore", handle, handle], detached: true, ...place.account },
  );
  closeSync(handle);
  let failure: NodeJS.ErrnoException | null = null;
  const exited = new Promise<void>((done) => {
    child.once("exit", () => done());
    child.once("error", (error) => {
      failure = error;
      done();
    });
  });
  let over = false;
  void exited.then(() => {
    over = true;
  });
  const isReady = () => {
    const now = readPostmaster(place.cluster);
    return now?.pid === child.pid && now?.status === "ready";
  };
  const answered = await waitUntil(() => over || isReady(), START_LIMIT_MS);
  if (failure) cannotRun(failure);
  if (over) throw new StartupError(`The embedded PostgreSQL did not start:\n${tail(logFile, offset)}`);
  if (!answered) {
    child.kill("SIGQUIT");
    throw new StartupError(
      `The embedded PostgreSQL was not ready after ${START_LIMIT_MS / 1000} s; see ${logFile}`,
    );
  }
  return { child, exited };
}

/**
 * Clients that have said goodbye are let go first: cut off, they would report an error of their own. Then the
 * fast shutdown, and when that takes too long the immediate one, from which the next start recovers.
 */
const STOPS = [
  ["SIGTERM", 400],
  ["SIGINT", 1_400],
  ["SIGQUIT", 500],
  ["SIGKILL", 5_000],
] as const;

export async function stopServer(server: ServerProcess): Promise<void> {
  const over = server.exited.then(() => true as const);
  for (const [name, patience] of STOPS) {
    server.child.kill(name);
    const { promise: late, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(resolve, patience, false);
    const ended = await Promise.race([over, late]);
    clearTimeout(timer);
    if (ended) return;
  }
}

function openLog(path: string): { handle: number; offset: number } {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return { handle: openSync(path, "a", 0o600), offset: size > LOG_LIMIT_BYTES ? 0 : size };
}

function tail(path: string, offset: number): string {
  const lines = readFileSync(path).subarray(offset).toString("utf8").trim().split("\n");
  return lines.slice(-12).join("\n");
}
