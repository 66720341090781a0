import { StartupError } from "@shiplog/db/errors";
import { generateClient } from "@shiplog/db/generate";
import { childEnv, type Env, loadEnv, unknownVariables } from "../env.ts";
import { buildDashboard } from "./dashboard.ts";
import { step } from "./progress.ts";

/**
 * The verbs `start`, `dev` (`--dev`) and `build` (`--build`): does what is missing, then runs the program in this
 * very process. `--built` is for images, which were built before and lack the tools to do it again.
 */
export async function start(flag: string | undefined): Promise<void> {
  try {
    await run(flag);
  } catch (error) {
    // What a person can mend is told in words; anything else is a bug and keeps its stack.
    console.error(error instanceof StartupError ? error.message : error);
    process.exit(1);
  }
}

async function run(flag: string | undefined): Promise<void> {
  const env = loadEnv();
  for (const name of unknownVariables(childEnv())) {
    console.warn(`${name} is no variable of Shiplog (see .env.example)`);
  }
  if (flag !== "--built") await build(flag, env);
  if (flag === "--build") return;
  if (flag === "--dev") {
    const { runDev } = await import("./dev.ts");
    return runDev(env);
  }
  const { main } = await import("../main.ts");
  await main();
}

/** What a checkout needs before it can run; where the sources did not move, nothing. */
async function build(flag: string | undefined, env: Env): Promise<void> {
  await step(
    (did) => (did ? "database client generated" : null),
    () => generateClient(childEnv()),
  );
  if (flag === "--dev" || flag === "--watched" || env.role === "worker") return;
  await step((did) => (did ? "dashboard built" : null), buildDashboard);
}
