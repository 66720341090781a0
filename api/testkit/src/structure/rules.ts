import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isTest, ROOT, type Source } from "./sources.ts";

interface PackageRule {
  readonly folder: string;
  /** Workspace packages it may import. */
  readonly may: readonly string[];
  /** Outside packages it must not import. */
  readonly never?: RegExp;
}

/** The import table of the design: package folder -> what it may import. */
export const PACKAGES: Record<string, PackageRule> = {
  "@shiplog/db": { folder: "prisma", may: [] },
  "@shiplog/core": {
    folder: "api/core",
    may: ["@shiplog/db"],
    never: /^(graphql|hono|@hono\/|@pothos\/|@anthropic-ai\/|openai|@modelcontextprotocol\/)/,
  },
  "@shiplog/agents": { folder: "api/agents", may: ["@shiplog/core"], never: /^(@prisma\/|graphql|hono)/ },
  "@shiplog/schema": { folder: "schema", may: ["@shiplog/core", "@shiplog/db"], never: /^(hono|ws|pg)$/ },
  "@shiplog/ingest": {
    folder: "api/ingest",
    may: ["@shiplog/core"],
    never: /^(graphql|@pothos\/|@prisma\/)/,
  },
  "@shiplog/live": { folder: "api/live", may: ["@shiplog/core"], never: /^(@prisma\/|@pothos\/|hono)/ },
  "@shiplog/worker": {
    folder: "api/worker",
    may: ["@shiplog/core", "@shiplog/agents", "@shiplog/ingest", "@shiplog/db"],
    never: /^(graphql|hono)/,
  },
  "@shiplog/server": {
    folder: "api/server",
    may: [
      "@shiplog/schema",
      "@shiplog/ingest",
      "@shiplog/live",
      "@shiplog/core",
      "@shiplog/worker",
      "@shiplog/db",
    ],
    never: /^(@anthropic-ai\/|openai|@modelcontextprotocol\/)/,
  },
  "@shiplog/testkit": {
    folder: "api/testkit",
    may: ["agents", "core", "db", "ingest", "live", "schema", "server", "worker"].map(
      (name) => `@shiplog/${name}`,
    ),
  },
  "@shiplog/dashboard": { folder: "client/dashboard", may: [] },
};

/** schema may use the database package for Pothos' types only; worker and server to construct it. */
const SCHEMA_DB = /^@shiplog\/db\/pothos$/;

function packageOf(path: string): [string, PackageRule] | null {
  for (const [name, rule] of Object.entries(PACKAGES)) {
    if (path.startsWith(`${rule.folder}/`)) return [name, rule];
  }
  return null;
}

function outsideName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function declared(folder: string): Set<string> {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Record<
    string,
    object
  >;
  return new Set([
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.devDependencies ?? {}),
  ]);
}

function checkRelative(source: Source, specifier: string, rule: PackageRule): string | null {
  const target = join(dirname(source.path), specifier);
  return target.startsWith(`${rule.folder}/`)
    ? null
    : `${source.path}: relative import ${specifier} leaves its package`;
}

function checkWorkspace(source: Source, specifier: string, name: string, rule: PackageRule): string | null {
  const target = outsideName(specifier);
  if (target === name) return null;
  if (isTest(source.path) && name !== "@shiplog/dashboard") return null;
  if (!rule.may.includes(target)) return `${source.path}: ${name} must not import ${target}`;
  if (name === "@shiplog/schema" && target === "@shiplog/db" && !SCHEMA_DB.test(specifier))
    return `${source.path}: schema may import only Pothos' types from the database package`;
  return null;
}

/** What breaks the import table: one line each. */
export function boundaryBreaks(sources: readonly Source[]): string[] {
  const breaks: string[] = [];
  const manifests = new Map<string, Set<string>>();
  for (const source of sources) {
    const owner = packageOf(source.path);
    if (!owner) continue;
    const [name, rule] = owner;
    if (!manifests.has(rule.folder)) manifests.set(rule.folder, declared(rule.folder));
    for (const { specifier } of source.imports) {
      if (specifier.startsWith("node:")) continue;
      const found = specifier.startsWith(".")
        ? checkRelative(source, specifier, rule)
        : specifier.startsWith("@shiplog/")
          ? checkWorkspace(source, specifier, name, rule)
          : checkOutside(source, specifier, rule, manifests.get(rule.folder) ?? new Set());
      if (found) breaks.push(found);
    }
  }
  return breaks;
}

function checkOutside(
  source: Source,
  specifier: string,
  rule: PackageRule,
  known: Set<string>,
): string | null {
  const target = outsideName(specifier);
  if (!known.has(target)) return `${source.path}: ${target} is not declared in ${rule.folder}/package.json`;
  if (!isTest(source.path) && rule.never?.test(target)) return `${source.path}: must not import ${target}`;
  return null;
}

const PUBLIC_FILE = /(^|\/)(index|operations|events|errors|status|policy|visibility)(\.ts|\/)/;

/** Core: an area uses another area's public files only. */
export function areaBreaks(sources: readonly Source[]): string[] {
  const area = (path: string) => /^api\/core\/src\/([a-z]+)\//.exec(path)?.[1];
  return sources
    .filter((source) => area(source.path) && !isTest(source.path))
    .flatMap((source) =>
      source.imports
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => join(dirname(source.path), specifier))
        .filter((target) => area(target) && area(target) !== area(source.path))
        .filter((target) => !PUBLIC_FILE.test(target.replace(/^api\/core\/src\/[a-z]+\//, "")))
        .map((target) => `${source.path}: ${target} is private to its area`),
    );
}
