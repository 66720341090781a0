import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { generateClient } from "@shiplog/db/generate";
import { ENV_NAMES, ROOT } from "@shiplog/server/env";
import { buildDashboard } from "@shiplog/server/launch/dashboard";
import { step } from "@shiplog/server/launch/progress";
import { runStaticChecks } from "../checks.ts";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: FileResult[];
}

interface FileResult {
  name: string;
  status: string;
  message: string;
  /** Empty for a file that broke before its tests ran. */
  assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
}

/**
 * `test` (and `test:deep` with `--deep`): generates and builds what the tests use, runs the static checks and the
 * suites, and prints "N passed, N failed" as its last line, a check counting as one; before it a line "FAILED ..." for
 * each that failed. Further arguments go to vitest.
 */
async function run(): Promise<number> {
  const args = process.argv.slice(2);
  const deep = args.includes("--deep");
  await step(
    (did) => (did ? "database client generated" : null),
    () => generateClient(process.env),
  );
  await step((did) => (did ? "dashboard built" : null), buildDashboard);

  const rest = args.filter((argument) => argument !== "--deep");
  const folder = await mkdtemp(join(tmpdir(), "shiplog-report-"));
  const file = join(folder, "report.json");
  // Beside each other: a suite that starts servers and browsers leaves a processor idle at times.
  const [code, checks] = await Promise.all([
    vitest(deep, file, rest),
    deep || rest.length > 0 ? { passed: 0, failures: [] } : runStaticChecks(),
  ]);
  const report = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Report,
    () => null,
  );
  await rm(folder, { recursive: true });

  const passed = (report?.numPassedTests ?? 0) + checks.passed;
  const broken = report?.testResults.filter(
    (one) => one.status === "failed" && one.assertionResults.length === 0,
  );
  const failed = (report?.numFailedTests ?? 0) + (broken?.length ?? 0);
  for (const line of [...checks.failures, ...(report?.testResults ?? []).flatMap(failuresOf)])
    console.log(`FAILED ${line}`);
  // Missed coverage and errors outside of any test fail the run without failing a test.
  console.log(
    `${passed} passed, ${(code !== 0 && failed === 0 ? 1 : failed) + checks.failures.length} failed`,
  );
  return code || checks.failures.length;
}

function failuresOf(file: FileResult): string[] {
  const name = relative(ROOT, file.name);
  if (file.status === "failed" && file.assertionResults.length === 0)
    return [`${name}: ${firstLine(file.message)}`];
  return file.assertionResults
    .filter((test) => test.status === "failed")
    .map((test) => `${name} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
}

const firstLine = (text = "") => text.split("\n", 1)[0]?.slice(0, 200);

async function vitest(deep: boolean, report: string, rest: readonly string[]): Promise<number> {
  const options = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  if (!deep && rest.length === 0) options.push("--coverage");
  const child = spawn(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), ...options, ...rest], {
    cwd: ROOT,
    env: testEnv(deep),
    stdio: "inherit",
  });
  return new Promise((done) => child.once("exit", (code) => done(code ?? 1)));
}

/**
 * Nothing of the machine's configuration reaches the tests. Empty counts as unset, and unlike a missing variable
 * it is not filled in from a developer's `.env`. Only the deep tests know of services.
 */
function testEnv(deep: boolean): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...Object.fromEntries(ENV_NAMES.map((name) => [name, ""])),
  };
  if (deep) return { ...env, SHIPLOG_DEEP: "1" };
  const { TEST_DATABASE_URL: _database, TEST_REDIS_URL: _redis, SHIPLOG_DEEP: _deep, ...bare } = env;
  return bare;
}

process.exitCode = await run();
