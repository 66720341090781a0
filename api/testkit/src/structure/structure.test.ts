import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importCycles } from "./cycles.ts";
import { decisionBreaks } from "./decisions.ts";
import { areaBreaks, boundaryBreaks, PACKAGES } from "./rules.ts";
import { importsOf, isTest, ROOT, readSources, type Source } from "./sources.ts";

const sources = readSources();
const production = sources.filter(
  (source) => !isTest(source.path) && !source.path.startsWith("api/testkit/"),
);

function fake(path: string, text: string): Source {
  return { path, text, imports: importsOf(text) };
}

describe("the import table", () => {
  it("holds in every file", () => {
    expect(boundaryBreaks(sources)).toEqual([]);
  });

  it("keeps an area of core out of another area's private files", () => {
    expect(areaBreaks(sources)).toEqual([]);
  });

  it("has no cycle", () => {
    expect(importCycles(production)).toEqual([]);
  });

  it("lets no request out but through the one guarded fetch", () => {
    // The demo talks to this very server; a browser has guards of its own.
    const exempt = /^(api\/server\/src\/(egress|demo)\/|client\/)/;
    const bare = /(?<![.\w])fetch\(|globalThis\.fetch|from "(?:undici|axios|node-fetch|got)"/;
    // What opens a connection by itself: a client of Node's own modules, or a socket.
    const client =
      /import (?!type\b)(?:[^;{]*\b\w+ from|[^;]*\b(?<!type )(?:request|get|connect|createConnection|createSocket|Agent|Socket|TLSSocket)\b[^;]*from) "node:(?:https?|http2|net|tls|dgram)"|import\("node:(?:https?|http2|net|tls|dgram)"\)|new (?:WebSocket|EventSource)\(/;
    const goesOut = (text: string) => bare.test(text) || client.test(text);
    const open = production.filter(
      ({ path, text }) => !exempt.test(path) && goesOut(text.replace(/^\s*(?:\*|\/\/).*$/gm, "")),
    );
    expect(open.map(({ path }) => path)).toEqual([]);
    for (const text of [
      'import { request } from "node:http";',
      'import { type Server, connect } from "node:net";',
      'import https from "node:https";',
      'await fetch("http://x/")',
      'new WebSocket("ws://x/")',
    ]) {
      expect([text, goesOut(text)]).toEqual([text, true]);
    }
    for (const text of [
      'import { createServer, type Server } from "node:http";',
      'import { BlockList, isIP } from "node:net";',
      'import type { Socket } from "node:net";',
      "egress.fetch(url)",
    ]) {
      expect([text, goesOut(text)]).toEqual([text, false]);
    }
  });

  it("notices each kind of break", () => {
    const bad = [
      fake("api/core/src/x.ts", 'import { a } from "graphql";'),
      fake("api/core/src/y.ts", 'import { a } from "../../live/src/index.ts";'),
      fake("api/live/src/z.ts", 'import type { a } from "@shiplog/db";'),
      fake("schema/src/a.ts", 'const db = await import("@shiplog/db");'),
      fake("client/dashboard/src/b.ts", 'export type { a } from "@shiplog/core";'),
    ];
    expect(boundaryBreaks(bad)).toHaveLength(5);
    const cross = [fake("api/core/src/agent/a.ts", 'import { q } from "../project/queries.ts";')];
    expect(areaBreaks(cross)).toHaveLength(1);
    const ring = [fake("a/x.ts", 'import "./y.ts";'), fake("a/y.ts", 'import "./x.ts";')];
    expect(importCycles(ring)).toHaveLength(1);
  });

  it("reads the environment in one file only", () => {
    const readers = production.filter((source) => /process\.env\b/.test(source.text)).map((s) => s.path);
    const allowed = new Set([
      "api/server/src/env.ts",
      // Hands its own environment on to the generator it spawns.
      "prisma/src/generate.ts",
      // The child process that gets its connection by its environment, not by argv.
      "api/agents/src/servers/database/main.ts",
      // The id of the request that these children write their lines under.
      "api/agents/src/servers/shared/serve.ts",
      // Where the development server finds the API.
      "client/dashboard/vite.config.ts",
    ]);
    expect(readers.filter((path) => !allowed.has(path) && !path.includes("/cli/"))).toEqual([]);
  });

  it("decides by one policy what an administrator may", () => {
    expect(decisionBreaks(production)).toEqual([]);
    const decided = [
      'if (actor.type === "user" && actor.isAdmin) return {};',
      "const { isAdmin } = actor;",
      'return user["isAdmin"] ? all : none;',
      "const where = { isAdmin: true };\nreturn { where: { isAdmin: true } };",
      'sql`SELECT id FROM "user" WHERE is_admin`',
      "return { wide: user.isAdmin };",
    ];
    const told = [
      "interface Person {\n  /** An administrator (isAdmin). */\n  readonly isAdmin: boolean;\n}",
      "return { id: user.id, isAdmin: user.isAdmin };",
      'type Row = Pick<User, "id" | "isAdmin">;',
      'sql`SELECT u.is_admin AS "isAdmin" FROM "user" u`',
    ];
    const breaks = (texts: readonly string[]) =>
      texts.flatMap((text) => decisionBreaks([fake("api/core/src/account/x.ts", text)]));
    expect(breaks(decided)).toHaveLength(decided.length);
    expect(breaks(told)).toEqual([]);
  });

  it("takes every version from the catalog", () => {
    const loose = Object.values(PACKAGES).flatMap(({ folder }) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
      const all = { ...manifest.dependencies, ...manifest.devDependencies } as Record<string, string>;
      return Object.entries(all).filter(([, version]) => version !== "catalog:" && version !== "workspace:*");
    });
    expect(loose).toEqual([]);
  });
});

describe("the size budget", () => {
  const sizes = production
    .map((s) => ({ path: s.path, lines: s.text.split("\n").length }))
    .toSorted((a, b) => a.lines - b.lines);
  const at = (share: number) => sizes[Math.floor((sizes.length - 1) * share)]?.lines ?? 0;

  it("has no file over 400 lines", () => {
    expect(sources.filter((s) => s.text.split("\n").length > 401).map((s) => s.path)).toEqual([]);
  });

  it("keeps the median at 80 lines and the 90th percentile at 250", () => {
    expect(at(0.5)).toBeLessThanOrEqual(80);
    expect(at(0.9)).toBeLessThanOrEqual(250);
  });
});
