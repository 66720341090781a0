import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { direct } from "../../fixtures/doors.ts";
import { tempFolder, writeTree } from "../../fixtures/folders.ts";
import { jsonBytes, OUTPUT_CAP } from "../shared/serve.ts";
import { openRoot } from "./beneath.ts";
import { Denied } from "./denied.ts";
import { inspectFiles } from "./inspect.ts";
import { languageOf } from "./languages.ts";
import { listFiles } from "./list.ts";
import { notableKind } from "./notable.ts";
import { readFile } from "./read.ts";
import { readFiles } from "./read-many.ts";
import { summariseTree } from "./summarise.ts";
import { isTestFile, subjectOf } from "./tests.ts";
import { LIMITS, Walk } from "./walk.ts";

function door(root: string) {
  const open = openRoot(root, new Denied([]));
  return direct([listFiles, readFile, readFiles, summariseTree, inspectFiles].map((tool) => tool(open)));
}

function many(count: number, path: (index: number) => string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [path(index), "x\n"]));
}

describe("list_files", () => {
  const root = writeTree(tempFolder(), {
    ...many(900, (i) => `pkg-${i % 7}/src/${"long-name-".repeat(8)}${i}.ts`),
    ...many(50, (i) => `a.b/${i}.md`),
    ...many(20, (i) => `a/${i}.md`),
    "node_modules/left/index.js": "x",
    "sub/dist/out.js": "x",
    "zz.ts": "",
  });

  it.each([1_000, 37])("pages through everything once, %i at a time", async (limit) => {
    const call = door(root);
    const paths: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 100; page++) {
      const listed = await call.call("list_files", { limit, ...(after === undefined ? {} : { after }) });
      expect(jsonBytes(listed)).toBeLessThan(OUTPUT_CAP);
      paths.push(...listed.files.map((file: { path: string }) => file.path));
      if (listed.next === null) break;
      after = listed.next;
    }
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toHaveLength(971);
    expect(paths.some((path) => path.includes("node_modules") || path.includes("dist"))).toBe(false);
  });

  it("goes on behind a file that is gone", async () => {
    const listed = await door(root).call("list_files", { after: "yy/gone.ts" });
    expect(listed.files.map((file: { path: string }) => file.path)).toEqual(["zz.ts"]);
  });
});

describe("read_file", () => {
  const text = "ä€😀x".repeat(10_000);
  const root = writeTree(tempFolder(), {
    "long.txt": text,
    "control.txt": "\u0001".repeat(40_000),
    "binary.ts": Buffer.from([1, 0, 2]),
    "empty.txt": "",
    "invalid.txt": Buffer.from([0x61, 0xff, 0xfe, 0x62]),
  });

  it.each([16, 17, 18, 19, 1_000, 32_768])(
    "reads a file in ranges of %i bytes without cutting a character",
    async (maxBytes) => {
      const call = door(root);
      let read = "";
      let offset: number | null = 0;
      const stop = maxBytes < 1_000 ? 300 : text.length;
      while (offset !== null && read.length < stop) {
        const part = await call.call("read_file", { path: "long.txt", offset, maxBytes });
        expect(part.text).not.toContain("\ufffd");
        read += part.text;
        offset = part.next;
      }
      expect(text.startsWith(read)).toBe(true);
      expect(read.length).toBeGreaterThanOrEqual(Math.min(stop, text.length));
    },
  );

  it("keeps its answer below the cap whatever JSON makes of the text", async () => {
    const call = door(root);
    const read = await call.call("read_file", { path: "control.txt" });
    expect(jsonBytes(read)).toBeLessThan(OUTPUT_CAP);
    expect(read.next).toBeGreaterThan(0);
    const files = await call.call("read_files", {
      paths: ["control.txt", "long.txt", "long.txt", "empty.txt"],
    });
    expect(jsonBytes(files)).toBeLessThan(OUTPUT_CAP);
    expect(files.next).toBe(2);
  });

  it("knows binary, empty and invalid text", async () => {
    const call = door(root);
    expect(await call.call("read_file", { path: "binary.ts" })).toMatchObject({ text: null, next: null });
    expect(await call.call("read_file", { path: "empty.txt" })).toMatchObject({ text: "", next: null });
    expect((await call.call("read_file", { path: "invalid.txt" })).text).toBe("a\ufffd\ufffdb");
    await expect(call.call("read_file", { path: "long.txt", maxBytes: 40_000 })).rejects.toThrow();
  });
});

describe("summarise_tree", () => {
  it("counts languages, lines, tests and notable files", async () => {
    const root = writeTree(tempFolder(), {
      "package.json": '{"name":"x"}',
      "pnpm-lock.yaml": "a: 1\n",
      "README.md": "# x\n",
      ".github/workflows/ci.yml": "name: ci\n",
      Dockerfile: "FROM scratch\n",
      "src/a.ts": "1\n2\n3",
      "src/a.test.ts": "1\n2\n",
      "src/b.py": "1\n",
      "src/logo.ts": Buffer.from([0, 1, 2]),
      "src/huge.ts": "x\n".repeat(1_200_000),
      "src/app.min.js": "x",
    });
    const summary = await door(root).call("summarise_tree");
    expect(summary).toMatchObject({
      files: 11,
      tests: { files: 1, lines: 2 },
      source: { files: 3, lines: 4 },
      unread: { binary: 1, large: 1 },
      notable: {
        manifest: ["package.json"],
        lock: ["pnpm-lock.yaml"],
        ci: [".github/workflows/ci.yml"],
        container: ["Dockerfile"],
        document: ["README.md"],
      },
      truncated: null,
    });
    const typescript = summary.languages.find((language: { name: string }) => language.name === "TypeScript");
    expect(typescript).toMatchObject({ files: 3, lines: 5, code: true });
  });

  it("answers for an empty folder", async () => {
    expect(await door(tempFolder()).call("summarise_tree")).toMatchObject({
      files: 0,
      languages: [],
      truncated: null,
    });
  });

  it("stops at its depth and says so", async () => {
    const root = writeTree(tempFolder(), { [`${"d/".repeat(LIMITS.depth + 5)}x.ts`]: "x", "a.ts": "x" });
    expect(await door(root).call("summarise_tree")).toMatchObject({ files: 1, truncated: "depth" });
  });

  it("ends when it is cancelled", async () => {
    const root = writeTree(
      tempFolder(),
      many(600, (i) => `${i}.ts`),
    );
    const abort = new AbortController();
    const walk = new Walk(openRoot(root, new Denied([])), abort.signal);
    const seen: string[] = [];
    const running = walk.run(({ path }) => {
      seen.push(path);
      abort.abort();
      return true;
    });
    await expect(running).rejects.toThrow("cancelled");
    expect(seen.length).toBeLessThan(600);
  });
});

describe("inspect_files", () => {
  it("finds the test that is named after a file", async () => {
    const root = writeTree(tempFolder(), {
      "src/walk.ts": "x\n",
      "src/walk.test.ts": "x\n",
      "src/list.ts": "x\n",
      "src/index.ts": "x\n",
      "other/index.test.ts": "x\n",
      "app/models/user.py": "x\n",
      "tests/test_user.py": "x\n",
    });
    const paths = [
      "src/walk.ts",
      "src/list.ts",
      "src/index.ts",
      "app/models/user.py",
      "src/walk.test.ts",
      "gone.ts",
    ];
    const { files } = await door(root).call("inspect_files", { paths });
    expect(files.map((file: { testFile?: string | null }) => file.testFile)).toEqual([
      "src/walk.test.ts",
      null,
      null,
      "tests/test_user.py",
      null,
      undefined,
    ]);
    expect(files[4].isTest).toBe(true);
  });
});

describe("names", () => {
  it.each([
    ["src/a.ts", false],
    ["src/a.spec.tsx", true],
    ["src/a.deep.test.ts", true],
    ["pkg/a_test.go", true],
    ["tests/conftest.py", true],
    ["src/contest.py", false],
    ["src/main/java/UserIT.java", true],
    ["src/main/java/Audit.java", false],
    ["latest/a.ts", false],
  ])("%s is a test: %s", (path, expected) => {
    expect(isTestFile(path)).toBe(expected);
  });

  it("finds what a test is about", () => {
    const paths = [
      "a/walk.test.ts",
      "walk.ts",
      "test_walk.py",
      "walk_test.go",
      "WalkTest.java",
      "walk.deep.test.ts",
    ];
    expect(new Set(paths.map(subjectOf))).toEqual(new Set(["walk"]));
  });

  it("knows languages and what tools wrote", () => {
    expect(languageOf("a.TSX")).toEqual({ name: "TypeScript", code: true });
    expect(languageOf("constructor")).toBeNull();
    expect(languageOf("x.constructor")).toBeNull();
    expect(languageOf("package-lock.json")).toBeNull();
    expect(languageOf("Jenkinsfile")?.name).toBe("Groovy");
  });

  it("knows the files that say how a project is kept", () => {
    expect(notableKind(join("a", "go.mod"))).toBe("manifest");
    expect(notableKind("docker/compose.prod.yml")).toBe("container");
    expect(notableKind("docs/.github/workflows/x.yml")).toBeNull();
  });
});
