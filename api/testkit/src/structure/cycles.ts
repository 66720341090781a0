import { dirname, join } from "node:path";
import type { Source } from "./sources.ts";

/** Cycles among relative value imports (type-only ones vanish at run time): each as a path of files. */
export function importCycles(sources: readonly Source[]): string[][] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.imports
        .filter((edge) => edge.specifier.startsWith(".") && !edge.typeOnly)
        .map((edge) => join(dirname(source.path), edge.specifier)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path]);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}
