import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { direct } from "../../fixtures/doors.ts";
import { commit, daysAgo, git, repository, tempFolder, writeTree } from "../../fixtures/folders.ts";
import { authorsTool } from "./authors.ts";
import { cadenceTool } from "./cadence.ts";
import { churnTool } from "./churn.ts";
import { logTool } from "./log.ts";
import { type CommitRecord, LogParser } from "./parse.ts";

function door(root: string, ceiling = root, searchPath = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin") {
  const place = { root, ceiling, searchPath };
  return direct([logTool, churnTool, authorsTool, cadenceTool].map((tool) => tool(place)));
}

const GRACE = { name: "Grace", email: "Grace@Example.org" };
const root = repository();
commit(root, "first", { "src/a.ts": "1\n", "src/b.ts": "1\n" }, daysAgo(400));
commit(root, "second", { "src/a.ts": "1\n2\n" }, daysAgo(15));
commit(root, "third \t with \u0002 odd text", { "src/a.ts": "2\n", "docs/ü b.md": "x\n" }, daysAgo(1), GRACE);
commit(root, "by another spelling", { "src/a.ts": "2\n3\n" }, daysAgo(0), {
  ...GRACE,
  email: "grace@example.org",
});

describe("a repository", () => {
  it("tells its commits, newest first", async () => {
    const log = await door(root).call("log", { limit: 3 });
    expect(log).toMatchObject({
      repository: { state: "ok", branch: "main", shallow: false },
      truncated: false,
    });
    expect(log.commits).toMatchObject([
      { subject: "by another spelling", author: "Grace", files: 1, added: 1, removed: 0, merge: false },
      { subject: "third \t with \u0002 odd text", files: 2, added: 1, removed: 1 },
      { subject: "second", author: "Ada", files: 1, added: 1, removed: 0 },
    ]);
    expect(log.commits[0].sha).toMatch(/^[0-9a-f]{40}$/u);
    const one = await door(root).call("log", { path: "docs" });
    expect(one.commits).toHaveLength(1);
  });

  it("tells how often files changed, in a window and in all", async () => {
    const recent = await door(root).call("churn", { sinceDays: 30 });
    expect(recent.commits).toBe(3);
    expect(recent.files).toMatchObject([
      { path: "src/a.ts", commits: 3, added: 2, removed: 1, authors: 2 },
      { path: "docs/ü b.md", commits: 1, authors: 1 },
    ]);
    const all = await door(root).call("churn", { limit: 1 });
    expect(all.commits).toBe(4);
    expect(all.files).toMatchObject([{ path: "src/a.ts", commits: 4 }]);
  });

  it("tells who committed, without addresses", async () => {
    const answer = await door(root).call("authors");
    expect(answer.people).toBe(2);
    expect(answer.authors).toMatchObject([
      { name: "Ada", commits: 2 },
      { name: "Grace", commits: 2 },
    ]);
    expect(JSON.stringify(answer)).not.toContain("@");
  });

  it("tells commits per week, this one last", async () => {
    const answer = await door(root).call("cadence", { weeks: 8 });
    expect(answer.perWeek).toHaveLength(8);
    const sum = answer.perWeek.reduce((total: number, week: { commits: number }) => total + week.commits, 0);
    expect(sum).toBe(3);
    expect(answer.perWeek.at(-1).commits).toBeGreaterThanOrEqual(1);
    expect(new Date(answer.perWeek.at(-1).week).getUTCDay()).toBe(1);
    expect(Date.parse(answer.lastAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("of a folder in it tells only what concerns that folder", async () => {
    const inner = door(join(root, "docs"), root);
    expect((await inner.call("log")).commits).toMatchObject([{ files: 1, added: 1 }]);
    expect((await inner.call("churn")).files).toMatchObject([{ path: "ü b.md" }]);
    expect((await inner.call("log", { path: "ü b.md" })).commits).toHaveLength(1);
    expect((await inner.call("log", { path: "a.ts" })).commits).toHaveLength(0);
  });

  it("leaves mass changes out of the churn and counts them", async () => {
    const mass = repository();
    commit(mass, "import", Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`f${i}.ts`, "x\n"])));
    commit(mass, "work", { "f1.ts": "y\n" });
    const churn = await door(mass).call("churn");
    expect(churn).toMatchObject({ commits: 2, massChanges: 1 });
    expect(churn.files).toMatchObject([{ path: "f1.ts", commits: 1 }]);
  });

  it("follows a linked work tree inside the same workspace", async () => {
    const base = tempFolder();
    git(root, ["clone", "--quiet", "--no-hardlinks", root, join(base, "main")]);
    git(join(base, "main"), ["worktree", "add", "--quiet", join(base, "tree"), "-b", "side"]);
    expect((await door(join(base, "tree"), base).call("log")).repository).toMatchObject({ branch: "side" });
    expect((await door(join(base, "tree")).call("log")).repository).toMatchObject({ reason: "outside" });
  });
});

describe("what is no full repository", () => {
  it.each([
    ["an empty folder", () => tempFolder(), "not_a_repository"],
    ["an empty repository", () => repository(), "no_commits"],
    ["a folder that is gone", () => join(tempFolder(), "gone"), "no_folder"],
    ["an empty .git", () => writeTree(tempFolder(), { ".git/x": "" }), "not_a_repository"],
    ["a broken HEAD", () => broken("HEAD", "nonsense"), "no_commits"],
    ["a broken config", () => broken("config", "[core\n???"), "no_commits"],
  ])("%s says so", async (_name, make, reason) => {
    const call = door(make());
    expect(await call.call("log")).toMatchObject({ repository: { state: "none", reason }, commits: [] });
    expect(await call.call("churn")).toMatchObject({ repository: { reason }, files: [] });
    expect(await call.call("authors")).toMatchObject({ repository: { reason }, authors: [] });
    expect(await call.call("cadence", { weeks: 2 })).toMatchObject({
      lastAt: null,
      perWeek: [{ commits: 0 }, { commits: 0 }],
    });
  });

  it("a machine without git says so", async () => {
    const answer = await door(root, root, "/nonexistent").call("log");
    expect(answer.repository).toMatchObject({ state: "none", reason: "git_missing" });
  });

  it("a shallow clone says that it is one", async () => {
    const clone = join(tempFolder(), "clone");
    git(root, ["clone", "--quiet", "--depth=1", `file://${root}`, clone]);
    const log = await door(clone).call("log");
    expect(log).toMatchObject({ repository: { shallow: true } });
    expect(log.commits).toHaveLength(1);
  });

  it("a damaged history gives what can be read and says so", async () => {
    const damaged = repository();
    commit(damaged, "one", { "a.ts": "1\n" });
    commit(damaged, "two", { "a.ts": "2\n" });
    commit(damaged, "three", { "b.ts": "3\n" });
    const blob = git(damaged, ["rev-parse", "HEAD~2:a.ts"]).trim();
    rmSync(join(damaged, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    expect(await door(damaged).call("churn")).toMatchObject({ truncated: true, files: [{ path: "b.ts" }] });
    expect(await door(damaged).call("authors")).toMatchObject({ truncated: false, commits: 3 });
  });
});

function broken(file: string, content: string): string {
  const folder = repository();
  commit(folder, "one", { a: "1" });
  writeFileSync(join(folder, ".git", file), content);
  return folder;
}

describe("the parser", () => {
  it("gives the same commits however the output is cut into pieces", () => {
    const raw = ["\u0001commit", "a".repeat(40), "12", "Ä", "a@b", "p1 p2", "s"].join("\0");
    const output = Buffer.from(
      `${raw}\0\n3\t1\ta\tb\n.ts\0-\t-\tbin\0${raw.replace("p1 p2", "")}\0${raw}\0\n1\t0\t\u0001commit\0`,
    );
    const read = (size: number) => {
      const commits: CommitRecord[] = [];
      const parser = new LogParser((entry) => commits.push(entry));
      for (let at = 0; at < output.length; at += size) parser.push(output.subarray(at, at + size));
      parser.end();
      return commits;
    };
    const whole = read(output.length);
    expect(whole).toMatchObject([
      {
        files: 2,
        added: 3,
        removed: 1,
        merge: true,
        changes: [{ path: "a\tb\n.ts" }, { path: "bin", added: null }],
      },
      { files: 0, merge: false },
      { files: 1, changes: [{ path: "\u0001commit" }] },
    ]);
    for (const size of [1, 2, 3, 7, 50]) expect(read(size)).toEqual(whole);
  });
});
