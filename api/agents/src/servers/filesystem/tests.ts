const FOLDERS = new Set(["test", "tests", "__tests__", "spec", "specs", "e2e", "integration-tests"]);
const FILE_NAMES = [
  /[._-](test|tests|spec|e2e|deep\.test)\.[a-z]+$/u,
  /^test_.*\.pyi?$/u,
  /_test\.(go|py|rb|rs|c|cc|cpp|dart|ex|exs|php)$/u,
];
const CLASS_NAMES = /(Test|Tests|Spec|IT)\.(java|kt|scala|groovy|cs|swift|php)$/u;

/** Whether a source file is a test, by the habits of the common languages. */
export function isTestFile(path: string): boolean {
  const parts = path.split("/");
  const name = parts.pop() as string;
  const lower = name.toLowerCase();
  return (
    FILE_NAMES.some((pattern) => pattern.test(lower)) ||
    CLASS_NAMES.test(name) ||
    parts.some((part) => FOLDERS.has(part.toLowerCase()))
  );
}

/** What a test or source file is about: `walk` for walk.ts, walk.test.ts, test_walk.py and WalkTest.java. */
export function subjectOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = name
    .replace(/\.[A-Za-z0-9]+$/u, "")
    .replace(/(Test|Tests|Spec|IT)$/u, "")
    .toLowerCase();
  return stem
    .replace(/^test_/u, "")
    .replace(/([._-](deep|test|tests|spec|e2e))+$/u, "")
    .replace(/[._-]/gu, "");
}

/** File names that say nothing by themselves: their test must stand in the same folder or right below it. */
const GENERIC = new Set([
  "index",
  "main",
  "mod",
  "lib",
  "init",
  "app",
  "types",
  "utils",
  "helpers",
  "queries",
]);

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** The test file that stands for a source file, or null. `tests` maps subjects to the test files of the tree. */
export function testFor(path: string, tests: ReadonlyMap<string, readonly string[]>): string | null {
  const subject = subjectOf(path);
  const found = tests.get(subject) ?? [];
  const folder = folderOf(path);
  const near = found.find((test) => folderOf(test) === folder || folderOf(folderOf(test)) === folder);
  if (near !== undefined) return near;
  return GENERIC.has(subject) ? null : (found[0] ?? null);
}
