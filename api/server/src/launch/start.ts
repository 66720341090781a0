import { StartupError } from "@shiplog/db/errors";
import { generateClient } from "@shiplog/db/generate";
import { childEnv, loadEnv, unknownVariables } from "../env.ts";
import { buildDashboard } from "./dashboard.ts";
import { step } from "./progress.ts";

/** The verbs `start`, `dev` (`--dev`) and `build` (`--build`, for images): does what is missing, then runs the program in this very process. */
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
  await step(
    (did) => (did ? "database client generated" : null),
    () => generateClient(childEnv()),
  );
  if (flag === "--dev") {
    const { runDev } = await import("./dev.ts");
    return runDev(env);
  }
  if (flag !== "--watched" && env.role !== "worker") {
    await step((did) => (did ? "dashboard built" : null), buildDashboard);
  }
  if (flag === "--build") return;
  const { main } = await import("../main.ts");
  await main();
}
