import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../env.ts";
import { whenStale } from "./stale.ts";
import { runTool, toolScript } from "./tool.ts";

const DASHBOARD = join(ROOT, "client/dashboard");
/** The built dashboard, as it is served. */
export const DASHBOARD_DIST = join(DASHBOARD, "dist");
const GENERATED = join(DASHBOARD, "src/gql");

/** Builds the dashboard when its sources, its schema or a dependency changed; says whether it did. */
export async function buildDashboard(): Promise<boolean> {
  return whenStale(join(DASHBOARD_DIST, ".stamp"), await hashSources(), async () => {
    await generateDashboardTypes();
    await runTool("building the dashboard", DASHBOARD, toolScript(DASHBOARD, "vite", "vite"), ["build"]);
  });
}

/** Writes the types of the dashboard's GraphQL documents when those or the schema changed. */
export async function generateDashboardTypes(): Promise<boolean> {
  const script = toolScript(ROOT, "@graphql-codegen/cli", "graphql-codegen");
  const args = ["--config", "codegen.ts"];
  return whenStale(join(GENERATED, ".stamp"), await hashSources(), () =>
    runTool("generating the dashboard's types", ROOT, script, args),
  );
}

async function hashSources(): Promise<string> {
  const entries = await readdir(join(DASHBOARD, "src"), { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const publicFiles = await readdir(join(DASHBOARD, "public"), { recursive: true }).catch(() => []);
  const files = [
    ...sources.filter((path) => !path.startsWith(GENERATED)),
    ...publicFiles.map((name) => join(DASHBOARD, "public", name)),
    ...["index.html", "package.json", "tsconfig.json", "vite.config.ts"].map((name) => join(DASHBOARD, name)),
    ...["codegen.ts", "pnpm-lock.yaml", "schema/schema.graphql"].map((name) => join(ROOT, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files.sort())
    hash.update(`${file.slice(ROOT.length)}\0`).update(await readOrEmpty(file));
  return hash.digest("hex");
}

function readOrEmpty(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0));
}
