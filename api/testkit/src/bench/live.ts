import { parseArgs } from "node:util";
import { benchLive, FIGURE_NAMES } from "./live/run.ts";

/** `bench live [G1 …] [--rounds N] [--quick] [--json] [--profile FOLDER]`. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const figures = positionals.length > 0 ? positionals.map((name) => name.toUpperCase()) : FIGURE_NAMES;
  const unknown = figures.filter((name) => !FIGURE_NAMES.includes(name));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
    console.error(
      `Usage: bench live [${FIGURE_NAMES.join(" ")}] [--rounds N] [--quick] [--json] [--profile FOLDER]`,
    );
    process.exitCode = 1;
    return;
  }
  const { quick, json, profile = null } = values;
  await benchLive({ figures, rounds, quick, json, profile });
}
