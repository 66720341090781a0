import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ROOT } from "./structure/sources.ts";

type Step = readonly [name: string, command: readonly string[]];

const GENERATE: readonly Step[] = [
  ["generated code", ["node", "prisma/src/cli/generate.ts"]],
  ["dashboard types", ["graphql-codegen", "--config", "codegen.ts"]],
];

/** What `test` adds to the suites; they build the rest themselves. */
const STATIC: readonly Step[] = [
  ["format and lint", ["biome", "check", "--error-on-warnings", "."]],
  ["types of the server", ["tsc", "--noEmit", "-p", ".", "--checkers", "2"]],
  ["types of the dashboard", ["tsc", "--noEmit", "-p", "client/dashboard"]],
  ["dead code", ["knip"]],
  ["schema.graphql up to date", ["node", "schema/src/cli/print.ts", "--check"]],
  ["openapi.json up to date", ["node", "api/ingest/src/cli/print.ts", "--check"]],
  ["first load of the dashboard", ["node", "client/dashboard/src/build/size.ts"]],
];

/** What the suites hold as tests, so that `check` need not run the suites. */
const ALSO: readonly Step[] = [
  ["import boundaries and size budgets", ["vitest", "run", "api/testkit/src/structure"]],
  ["migrations up to date", ["node", "prisma/src/cli/diff.ts", "--check"]],
];

export interface CheckResult {
  readonly passed: number;
  /** Their names. */
  readonly failures: readonly string[];
}

/** Runs every step, one after another and also after a failure, and prints what a failed one said. */
async function runSteps(steps: readonly Step[]): Promise<CheckResult> {
  const failures: string[] = [];
  for (const [name, command] of steps) {
    const began = performance.now();
    const said = await complaintOf(command);
    const ms = Math.round(performance.now() - began);
    console.log(`${said === null ? "ok    " : "FAILED"} ${name} (${ms} ms)`);
    if (said === null) continue;
    console.log(said);
    failures.push(name);
  }
  return { passed: steps.length - failures.length, failures };
}

/** What a command said that failed; null when it did not. */
async function complaintOf([command = "", ...args]: readonly string[]): Promise<string | null> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close").then(
    ([code]) => (code === 0 ? null : ""),
    (error: Error) => error.message,
  );
  const [failed, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return failed === null ? null : `${out}${err}${failed}`;
}

/** The whole of `check`. */
export function runChecks(): Promise<CheckResult> {
  return runSteps([...GENERATE, ...STATIC, ...ALSO]);
}

/** The part of `check` that is no test of a suite; expects generated code to be there. */
export function runStaticChecks(): Promise<CheckResult> {
  return runSteps(STATIC);
}
