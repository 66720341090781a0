import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** What was set off is delivered a little after it is written. */
const TRAILING_MS = 300;

let profiles = 0;

/** Runs the work and writes a CPU profile of it and of what follows at once; null: no profile. */
export async function profiled<T>(folder: string | null, name: string, work: () => Promise<T>): Promise<T> {
  if (folder === null) return work();
  mkdirSync(folder, { recursive: true });
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  try {
    const result = await work();
    await setTimeout(TRAILING_MS);
    return result;
  } finally {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    const file = `${String(++profiles).padStart(3, "0")}-${name}.cpuprofile`;
    writeFileSync(join(folder, file), JSON.stringify(profile));
  }
}
