import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { StartupError } from "@shiplog/db/errors";
import { childEnv, ROOT } from "../env.ts";

/** The script behind a program of an installed package; `from` is the folder whose dependency it is. */
export function toolScript(from: string, packageName: string, program: string): string {
  const folder = join(from, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    bin: string | Record<string, string>;
  };
  return join(folder, typeof bin === "string" ? bin : (bin[program] ?? ""));
}

/** The environment of tools: ours, with this Node and the checkout's programs first on PATH. */
export function toolEnv(additions: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env = childEnv(additions);
  env.PATH = [dirname(process.execPath), join(ROOT, "node_modules/.bin"), env.PATH].join(delimiter);
  return env;
}

/** Runs a script with this Node; its output is shown only when it fails. */
export async function runTool(
  what: string,
  cwd: string,
  script: string,
  args: readonly string[],
): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: toolEnv({ NODE_ENV: "production" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0)
    throw new StartupError(`${what} failed:\n${Buffer.concat(output).toString("utf8").slice(-4_000)}`);
}
