import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");

const SKIP = new Set(["node_modules", "generated", "dist", "gql", "migrations", "coverage"]);

export interface ImportEdge {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

export interface Source {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportEdge[];
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"]+)"\s*\)/g;

/** Every import, re-export and dynamic import with a literal specifier. */
export function importsOf(text: string): ImportEdge[] {
  const edges: ImportEdge[] = [];
  for (const match of text.matchAll(STATIC))
    edges.push({ typeOnly: Boolean(match[1]), specifier: match[2] ?? "" });
  for (const match of text.matchAll(DYNAMIC)) edges.push({ typeOnly: false, specifier: match[1] ?? "" });
  return edges;
}

function walk(folder: string, found: string[]): string[] {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIP.has(entry.name) || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, found);
    else if (/\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith(".d.ts")) found.push(path);
  }
  return found;
}

/** All TypeScript of the workspace, generated files left out. */
export function readSources(folders = ["prisma", "api", "schema", "client"]): Source[] {
  return folders
    .flatMap((folder) => walk(join(ROOT, folder), []))
    .map((path) => {
      const text = readFileSync(path, "utf8");
      return { path: relative(ROOT, path).replaceAll("\\", "/"), text, imports: importsOf(text) };
    });
}

/** Tests and their helpers: they may import what production code may not. */
export function isTest(path: string): boolean {
  return /\.(test|fixture)\.tsx?$/.test(path) || /(^|\/)(tests?|testing|fixtures)\//.test(path);
}
