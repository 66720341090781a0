import { commit, daysAgo, git, repository, writeTree } from "./folders.ts";

export interface Generated {
  readonly folder: string;
  readonly files: number;
  /** Changed in every commit, long, without a test. */
  readonly hotFile: string;
}

const PEOPLE = [
  { name: "Ada", email: "ada@example.org" },
  { name: "Grace", email: "grace@example.org" },
  { name: "Linus", email: "linus@example.org" },
];
const FIXED = 6;

/**
 * A repository of a stated number of files: packages of TypeScript, Python and Go sources, each with a test
 * for every second source; then commits over the last weeks that change a few files and one of them always.
 */
export function generateRepository(files: number, commits: number): Generated {
  const folder = repository();
  const tree: Record<string, string> = {
    "package.json": '{"name":"big","dependencies":{"a":"1"}}',
    "README.md": "# big\n",
    ".github/workflows/ci.yml": "name: ci\non: push\njobs:\n  test:\n    steps:\n      - uses: some/one@v1\n",
    "go.mod": "module example.org/big\n",
    "core/engine.ts": "export const engine = 1;\n".repeat(600),
    LICENSE: "MIT\n",
  };
  for (let i = 0; i < files - FIXED; i++) tree[pathOf(i)] = `line ${i}\n`.repeat(5 + (i % 40));
  writeTree(folder, tree);
  commit(folder, "Import", {}, daysAgo(commits + 5));
  for (let i = 0; i < commits; i++) {
    const person = PEOPLE[i % PEOPLE.length] ?? PEOPLE[0];
    const changes = { "core/engine.ts": `export const engine = ${i};\n`.repeat(600 + 5 * i) };
    const other = { [pathOf(2 * (i % 12))]: `changed ${i}\n`.repeat(30) };
    commit(folder, `Step ${i}`, { ...changes, ...other }, daysAgo(commits - i), person);
  }
  git(folder, ["gc", "--quiet"]);
  return { folder, files, hotFile: "core/engine.ts" };
}

function pathOf(index: number): string {
  const pack = `packages/p${index % 97}/src/part-${index % 13}`;
  const subject = `unit-${Math.floor(index / 2)}`;
  if (index % 2 === 1) return `${pack}/${subject}.test.ts`;
  return `${pack}/${subject}.${["ts", "py", "go"][Math.floor(index / 2) % 3]}`;
}
