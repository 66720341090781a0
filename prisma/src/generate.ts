import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { StartupError } from "./errors.ts";

const PACKAGE = resolve(import.meta.dirname, "..");
const SCHEMA = join(PACKAGE, "schema");
const GENERATED = join(PACKAGE, "src/generated");
const STAMP = join(GENERATED, "stamp");

/** The `.prisma` files by name, in name order. */
export async function readSchemaFiles(): Promise<{ path: string; content: string }[]> {
  const names = (await readdir(SCHEMA)).filter((name) => name.endsWith(".prisma")).sort();
  return Promise.all(
    names.map(async (name) => ({ path: name, content: await readFile(join(SCHEMA, name), "utf8") })),
  );
}

/** Generates the client and the Pothos types when the schema or the generator moved on; says whether it did. */
export async function generateClient(env: NodeJS.ProcessEnv): Promise<boolean> {
  const wanted = await stampOf();
  const current = existsSync(STAMP) ? await readFile(STAMP, "utf8") : null;
  if (current === wanted) return false;
  // Without the stamp a generation that breaks off half-way is done again.
  await rm(STAMP, { force: true });
  await runGenerate(env);
  await mkdir(GENERATED, { recursive: true });
  await writeFile(STAMP, wanted);
  return true;
}

async function stampOf(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await readSchemaFiles()) hash.update(`${file.path}\0${file.content}\0`);
  const manifest = createRequire(import.meta.url).resolve("prisma/package.json");
  return hash.update(await readFile(manifest, "utf8")).digest("hex");
}

async function runGenerate(env: NodeJS.ProcessEnv): Promise<void> {
  const cli = join(dirname(createRequire(import.meta.url).resolve("prisma/package.json")), "build/index.js");
  const bins = [
    join(PACKAGE, "node_modules/.bin"),
    resolve(PACKAGE, "../node_modules/.bin"),
    dirname(process.execPath),
  ];
  const child = spawn(process.execPath, [cli, "generate", "--schema", "schema", "--no-hints"], {
    cwd: PACKAGE,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: bins.join(delimiter) + delimiter + (env.PATH ?? ""),
      HOME: env.HOME ?? PACKAGE,
      // `generate` needs no engine, yet the CLI downloads one unless told where one lies.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0) throw new StartupError(`prisma generate failed:\n${Buffer.concat(output)}`);
}
