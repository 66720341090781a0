import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENV_NAMES } from "@shiplog/server/env";
import { ROOT } from "./structure/sources.ts";

/** A Shiplog that runs as its own process, started as a person would. */
export interface RunningShiplog {
  readonly url: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** All that it has printed so far, both streams. */
  output(): string;
  /** Ends with the exit code; null after a signal. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, then waits. Resolves with the milliseconds it took. */
  stop(): Promise<number>;
  /** SIGKILL of the process alone, as a crash would. */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  /** Absent: a new one, removed by `cleanUp`. */
  readonly dataDir?: string;
}

export const OWNER = { email: "owner@example.com", password: "correct horse battery" };

const made: string[] = [];
const running = new Set<ChildProcess>();

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "shiplog-e2e-"));
  made.push(path);
  return path;
}

/**
 * Only what a new machine has: no service of this one, no configuration of the person running the tests; empty
 * values stand against a `.env` in the checkout.
 */
function bareEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  const unset = Object.fromEntries(ENV_NAMES.map((name) => [name, ""]));
  return { ...unset, PATH, HOME, LANG, ...(TMPDIR && { TMPDIR }) };
}

/** Spawns the start script without waiting; for starts that must fail. */
export function spawnShiplog(options: StartOptions = {}): Omit<RunningShiplog, "url" | "stop" | "kill"> {
  const dataDir = options.dataDir ?? folder();
  const child = spawn(process.execPath, [join(ROOT, "api/server/src/start.ts")], {
    cwd: ROOT,
    env: {
      ...bareEnv(),
      PORT: "0",
      SHIPLOG_DATA_DIR: dataDir,
      SHIPLOG_ADMIN_EMAIL: OWNER.email,
      SHIPLOG_ADMIN_PASSWORD: OWNER.password,
      SHIPLOG_DEMO: "0",
      // Counted as in life, but never in the way: a test is one person who does much.
      SHIPLOG_RATE_LIMIT: "100000",
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
  const exited = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { dataDir, child, output: () => text, exited };
}

/** Starts Shiplog and waits for its ready line; throws with what it printed when it ends before. */
export async function startShiplog(options: StartOptions = {}): Promise<RunningShiplog> {
  const started = spawnShiplog(options);
  const { child, exited, output } = started;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout?.on("data", () => {
    const url = /Shiplog is ready at (http:\/\/\S+)/.exec(output())?.[1];
    if (url) resolve(url);
  });
  void exited.then((code) => reject(new Error(`it ended with ${code} before it was ready:\n${output()}`)));
  const url = await promise;
  return {
    ...started,
    url,
    async stop() {
      const began = performance.now();
      child.kill("SIGTERM");
      await exited;
      return performance.now() - began;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Ends what still runs and removes the folders; call it in afterAll. */
export async function cleanUp(): Promise<void> {
  const ends = [...running].map((child) => {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGTERM");
    return ended;
  });
  await Promise.all(ends);
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}
