import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type Env, ROOT } from "../env.ts";
import { generateDashboardTypes } from "./dashboard.ts";
import { step } from "./progress.ts";
import { toolEnv, toolScript } from "./tool.ts";

const VITE_PORT = 5173;

/** `pnpm dev`: the server restarts when one of its files changes; Vite serves the dashboard and proxies to it. */
export async function runDev(env: Env): Promise<void> {
  await step((did) => (did ? "dashboard types generated" : null), generateDashboardTypes);
  const host = env.host === "0.0.0.0" || env.host === "::" ? "127.0.0.1" : env.host;
  const server = `http://${host.includes(":") ? `[${host}]` : host}:${env.port}`;
  const vite = toolScript(join(ROOT, "client/dashboard"), "vite", "vite");
  const children = [
    run(["--watch", "--watch-preserve-output", join(ROOT, "api/server/src/start.ts"), "--watched"], ROOT),
    run([vite, "--port", String(VITE_PORT), "--clearScreen=false"], join(ROOT, "client/dashboard"), {
      SHIPLOG_DEV_SERVER: server,
    }),
  ];
  // The terminal's Ctrl-C reaches the children by itself; SIGTERM comes to us alone.
  let asked = false;
  process.on("SIGINT", () => {
    asked = true;
  });
  process.on("SIGTERM", () => {
    asked = true;
    for (const child of children) child.kill("SIGTERM");
  });
  const codes = children.map(
    (child) => new Promise<number>((done) => child.once("exit", (code) => done(code ?? 0))),
  );
  const first = await Promise.race(codes);
  process.exitCode = asked ? 0 : first;
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(codes);
}

function run(args: readonly string[], cwd: string, additions: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, args, { cwd, env: toolEnv(additions), stdio: "inherit" });
}
