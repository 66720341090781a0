import { closeSync } from "node:fs";
import { z } from "zod";
import { defineTool, ToolError } from "../shared/tool.ts";
import { openFile, type Root, withParent } from "./beneath.ts";
import { languageOf } from "./languages.ts";
import { countLines } from "./lines.ts";
import { isTestFile, subjectOf, testFor } from "./tests.ts";
import { Walk } from "./walk.ts";

const MAX_PATHS = 200;
const PATH_LENGTH = 200;

/** The test files of the tree by what they are about. */
async function testsBySubject(root: Root, signal: AbortSignal): Promise<Map<string, string[]>> {
  const tests = new Map<string, string[]>();
  await new Walk(root, signal).run((file) => {
    if (languageOf(file.name)?.code && isTestFile(file.path) && file.path.length <= PATH_LENGTH) {
      const subject = subjectOf(file.path);
      tests.set(subject, [...(tests.get(subject) ?? []), file.path].slice(0, 50));
    }
    return true;
  });
  return tests;
}

function measure(root: Root, path: string) {
  return withParent(root, path, (parent, name) => {
    const { fd, stats } = openFile(root, parent, name);
    try {
      const language = languageOf(name);
      return {
        bytes: stats.size,
        lines: countLines(fd),
        language: language?.name ?? null,
        code: language?.code ?? false,
      };
    } finally {
      closeSync(fd);
    }
  });
}

function inspect(root: Root, path: string, tests: ReadonlyMap<string, readonly string[]>) {
  try {
    const measured = measure(root, path);
    const isTest = measured.code && isTestFile(path);
    return {
      path,
      state: "ok" as const,
      ...measured,
      isTest,
      testFile: measured.code && !isTest ? testFor(path, tests) : null,
    };
  } catch (error) {
    if (error instanceof ToolError) return { path, state: "unreadable" as const };
    throw error;
  }
}

export function inspectFiles(root: Root) {
  return defineTool({
    name: "inspect_files",
    description:
      "Measures named files: bytes, lines (null when binary or over 2 MiB), language, whether the file is a test, " +
      "and for source the test file named after it. Files that are gone, linked or protected are 'unreadable'.",
    input: z.strictObject({
      paths: z.array(z.string().min(1).max(PATH_LENGTH)).min(1).max(MAX_PATHS),
    }),
    async run({ paths }, signal) {
      const tests = await testsBySubject(root, signal);
      return { files: paths.map((path) => inspect(root, path, tests)) };
    },
  });
}
