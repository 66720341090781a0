import { spawnSync } from "node:child_process";
import { ROOT } from "../structure/sources.ts";

/** The steps of `check`; all run, so that one call shows every problem. */
const STEPS: readonly (readonly [string, readonly string[]])[] = [
  ["generated code", ["node", "prisma/src/cli/generate.ts"]],
  ["dashboard types", ["graphql-codegen", "--config", "codegen.ts"]],
  ["format and lint", ["biome", "check", "."]],
  ["types of the server", ["tsc", "--noEmit", "-p", "."]],
  ["types of the dashboard", ["tsc", "--noEmit", "-p", "client/dashboard"]],
  ["import boundaries and size budgets", ["vitest", "run", "api/testkit/src/structure"]],
  ["dead code", ["knip"]],
  ["schema.graphql up to date", ["node", "schema/src/cli/print.ts", "--check"]],
  ["openapi.json up to date", ["node", "api/ingest/src/cli/print.ts", "--check"]],
  ["migrations up to date", ["node", "prisma/src/cli/diff.ts", "--check"]],
  ["first load of the dashboard", ["node", "client/dashboard/src/build/size.ts"]],
];

const failed = STEPS.filter(([name, [command = "", ...args]]) => {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  const ok = result.status === 0;
  console.log(`${ok ? "ok    " : "FAILED"} ${name} (${Math.round(performance.now() - started)} ms)`);
  if (!ok) console.log(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`);
  return !ok;
});
process.exitCode = failed.length === 0 ? 0 : 1;
