import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../structure/sources.ts";

/** One resolved version of a package, wherever in the tree. */
export interface Locked {
  readonly name: string;
  readonly version: string;
}

const ENTRY = /^ {2}'?((?:@[^/\s]+\/)?[^@\s']+)@([^'():\s]+)'?:$/;

/** Every package of the lock file. */
export function readLock(text = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8")): Locked[] {
  const start = text.indexOf("\npackages:\n");
  const end = text.indexOf("\nsnapshots:\n");
  const found: Locked[] = [];
  for (const line of text.slice(start, end).split("\n")) {
    const [, name, version] = ENTRY.exec(line) ?? [];
    if (name && version) found.push({ name, version });
    else if (/^ {2}\S/.test(line))
      throw new Error(`the lock file has an entry that is not understood: ${line}`);
  }
  return found;
}

/** Negative: `one` is older. A pre-release is older than its release. */
export function compareVersions(one: string, other: string): number {
  const parts = (version: string) => {
    const [release = "", pre] = version.split("+", 1).join("").split(/-(.*)/, 2);
    return { numbers: release.split(".").map(Number), pre };
  };
  const [a, b] = [parts(one), parts(other)];
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(a.pre === undefined) - Number(b.pre === undefined);
}

export type Floors = Readonly<Record<string, { readonly floor: string | null; readonly why: string }>>;

/** One line for each package that is below its floor, or that no version of is fit. */
export function belowFloors(locked: readonly Locked[], floors: Floors): string[] {
  return locked.flatMap(({ name, version }) => {
    const rule = Object.hasOwn(floors, name) ? floors[name] : undefined;
    if (!rule || (rule.floor !== null && compareVersions(version, rule.floor) >= 0)) return [];
    return [`${name}@${version} is ${rule.floor ? `below ${rule.floor}` : "not to be used"}: ${rule.why}`];
  });
}
