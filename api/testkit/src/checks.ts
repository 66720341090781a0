import { spawnSync } from "node:child_process";
import { ROOT } from "./structure/sources.ts";

type Step = readonly [name: string, command: readonly string[]];

const GENERATE: readonly Step[] = [
  ["generated code", ["node", "prisma/src/cli/generate.ts"]],
  ["dashboard types", ["graphql-codegen", "--config", "codegen.ts"]],
];

/** What `test` adds to the suites; they build the rest themselves. */
const STATIC: readonly Step[] = [
  ["format and lint", ["biome", "check", "--error-on-warnings", "."]],
  ["types of the server", ["tsc", "--noEmit", "-p", "."]],
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

/** Runs every step, also after a failure, and prints what a failed one said. */
function runSteps(steps: readonly Step[]): CheckResult {
  const failed = steps.filter(([name, [command = "", ...args]]) => {
    const began = performance.now();
    const result = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
    const ok = result.status === 0;
    console.log(`${ok ? "ok    " : "FAILED"} ${name} (${Math.round(performance.now() - began)} ms)`);
    if (!ok) console.log(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`);
    return !ok;
  });
  return { passed: steps.length - failed.length, failures: failed.map(([name]) => name) };
}

/** The whole of `check`. */
export function runChecks(): CheckResult {
  return runSteps([...GENERATE, ...STATIC, ...ALSO]);
}

/** The part of `check` that is no test of a suite; expects generated code to be there. */
export function runStaticChecks(): CheckResult {
  return runSteps(STATIC);
}
