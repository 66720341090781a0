/** `pnpm bench NAME`: a benchmark is a module with `run(args)`. */
const BENCHMARKS: Record<string, () => Promise<{ run(args: readonly string[]): Promise<void> }>> = {
  abuse: () => import("../bench/abuse.ts"),
  append: () => import("../bench/append.ts"),
  live: () => import("../bench/live.ts"),
  client: () => import("../bench/client.ts"),
  redact: () => import("../bench/redact.ts"),
};

const [name = "", ...args] = process.argv.slice(2);
const load = BENCHMARKS[name];
if (load) {
  await (await load()).run(args);
} else {
  console.error(`There is no benchmark "${name}". There is: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exitCode = 1;
}
