import { randomBytes } from "node:crypto";
import { createRedactor, type Redactor } from "@shiplog/core";
import { cutShare, logText, sourceText } from "../clean_text.ts";

const CHUNK = 64 * 1024;
const ROUNDS = 9;
const OWNED = 40;

/** Millions of characters per second of processor time: how busy the machine is does not count. */
function speeds(redactor: Redactor, text: string): number[] {
  const chunks = Array.from({ length: Math.ceil(text.length / CHUNK) }, (_, index) =>
    text.slice(index * CHUNK, (index + 1) * CHUNK),
  );
  return Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const chunk of chunks) redactor.text(chunk);
    const { user, system } = process.cpuUsage(before);
    return text.length / (user + system);
  }).sort((a, b) => a - b);
}

/** How fast secrets are looked for in clean text, with 40 owned ones, and how often something else is cut. */
export async function run(args: readonly string[]): Promise<void> {
  const redactor = createRedactor(Array.from({ length: OWNED }, () => randomBytes(24).toString("base64url")));
  const figures = [
    ["source", sourceText()],
    ["logs", logText()],
  ].map(([name = "", text = ""]) => {
    const all = speeds(redactor, text);
    const [slowest = 0, median = 0] = [all[0], all[ROUNDS >> 1]];
    return { name, megabytes: text.length / 1e6, median, slowest, cutPercent: cutShare(redactor, text) };
  });
  if (args.includes("--json")) return console.log(JSON.stringify(figures));
  for (const { name, megabytes, median, slowest, cutPercent } of figures)
    console.log(
      `${megabytes.toFixed(1)} MB of clean ${name}, ${OWNED} owned secrets: median ${median.toFixed(0)} MB per second ` +
        `of processor time, slowest ${slowest.toFixed(0)}; something cut from ${cutPercent.toFixed(3)} % of lines.`,
    );
}
