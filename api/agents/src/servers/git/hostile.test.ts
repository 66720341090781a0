import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Door, direct, overMcp } from "../../fixtures/doors.ts";
import { ADA, commit, fifo, git, repository, tempFolder, writeTree } from "../../fixtures/folders.ts";
import { serversOf } from "../../runtime.ts";
import { authorsTool } from "./authors.ts";
import { cadenceTool } from "./cadence.ts";
import { churnTool } from "./churn.ts";
import { logTool } from "./log.ts";

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";
const TOOLS = ["log", "churn", "authors", "cadence"];

function inProcess(root: string, ceiling = root): Door {
  const place = { root, ceiling, searchPath: SEARCH_PATH };
  return direct([logTool, churnTool, authorsTool, cadenceTool].map((tool) => tool(place)));
}

async function inChild(root: string): Promise<Door> {
  const scope = { projectId: "unused", workspacePath: root };
  const spec = serversOf({ databaseUrl: "unused", denyPaths: [] }, scope).find(({ name }) => name === "git");
  if (!spec) throw new Error("no git server");
  return overMcp(spec);
}

/** A repository of which every setting that can name a program names one that leaves a mark. */
function hostileRepository(): { root: string; mark: string } {
  const root = repository();
  const mark = join(tempFolder(), "executed");
  const evil = join(root, "evil.sh");
  writeFileSync(evil, `#!/bin/sh\necho "$0 $@" >> ${mark}\ncat >/dev/null\nexit 0\n`);
  chmodSync(evil, 0o755);
  commit(root, "one", {
    "a.txt": "1\n",
    "b.bin": "b\n",
    ".gitattributes": "* diff=evil filter=evil merge=evil\n",
  });
  commit(root, "two", { "a.txt": "1\n2\n", ".mailmap": "Grace <grace@example.org> <ada@example.org>\n" });
  for (const hook of ["post-checkout", "fsmonitor-watchman", "reference-transaction", "post-index-change"]) {
    writeFileSync(join(root, ".git/hooks", hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`, { mode: 0o755 });
  }
  const settings: [string, string][] = [
    ["core.fsmonitor", evil],
    ["core.pager", evil],
    ["core.editor", evil],
    ["core.sshCommand", evil],
    ["core.askPass", evil],
    ["core.gitProxy", evil],
    ["core.alternateRefsCommand", evil],
    ["core.hooksPath", join(root, ".git/hooks")],
    ["core.worktree", "/"],
    ["credential.helper", `!${evil}`],
    ["pager.log", evil],
    ["alias.log", `!${evil}`],
    ["alias.rev-parse", `!${evil}`],
    ["diff.external", evil],
    ["diff.evil.command", evil],
    ["diff.evil.textconv", evil],
    ["diff.orderFile", "/etc/passwd"],
    ["filter.evil.clean", evil],
    ["filter.evil.smudge", evil],
    ["filter.evil.process", evil],
    ["filter.evil.required", "true"],
    ["gpg.program", evil],
    ["gpg.ssh.program", evil],
    ["log.showSignature", "true"],
    ["log.follow", "true"],
    ["diff.relative", "true"],
    ["color.ui", "always"],
    ["color.diff", "always"],
    ["format.pretty", "raw"],
    ["log.decorate", "full"],
    ["notes.displayRef", "refs/notes/*"],
    ["i18n.logOutputEncoding", "UTF-16"],
    ["mailmap.file", "/etc/passwd"],
    ["protocol.allow", "always"],
    ["protocol.ext.allow", "always"],
    ["protocol.file.allow", "always"],
    ["extensions.worktreeConfig", "true"],
  ];
  for (const [name, value] of settings) git(root, ["config", name, value]);
  return { root, mark };
}

/** A commit with a signature block, so that a signature check would call the named program. */
function signLastCommit(root: string): void {
  const tree = git(root, ["rev-parse", "HEAD^{tree}"]).trim();
  const parent = git(root, ["rev-parse", "HEAD"]).trim();
  const person = `${ADA.name} <${ADA.email}> ${Math.floor(Date.now() / 1000)} +0000`;
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n";
  const body = `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n${signature}\nsigned\n`;
  const file = join(tempFolder(), "commit");
  writeFileSync(file, body);
  const sha = git(root, ["hash-object", "-t", "commit", "-w", file]).trim();
  writeFileSync(join(root, ".git/refs/heads/main"), `${sha}\n`);
}

describe("a repository whose settings name programs", () => {
  const { root, mark } = hostileRepository();
  signLastCommit(root);
  const doors: [string, () => Door | Promise<Door>][] = [
    ["in process", () => inProcess(root)],
    ["in a child process", () => inChild(root)],
  ];

  it.each(doors)("runs none of them, %s", async (_name, open) => {
    const door = await open();
    for (const tool of TOOLS) await door.call(tool);
    await door.call("log", { path: "a.txt" });
    const log = await door.call("log");
    expect(log.commits.map((entry: { subject: string }) => entry.subject)).toEqual(["signed", "two", "one"]);
    expect(log.commits[1]).toMatchObject({ files: 2, added: 2, removed: 0, author: "Grace" });
    expect(existsSync(mark)).toBe(false);
  });

  it("does run them for a git that is not fenced, so the test means something", () => {
    git(root, ["config", "--unset", "core.worktree"]);
    git(root, ["-c", "core.fsmonitor=", "log", "-1", "--show-signature"]);
    expect(existsSync(mark)).toBe(true);
  });
});

describe("a repository that makes git wait", () => {
  it("is left at once when the call is cancelled", async () => {
    const root = repository();
    commit(root, "one", { "a.txt": "1\n" });
    fifo(join(root, "fifo"));
    git(root, ["config", "include.path", "../fifo"]);
    const abort = new AbortController();
    const place = { root, ceiling: root, searchPath: SEARCH_PATH };
    const call = logTool(place).run({ limit: 1 }, abort.signal);
    abort.abort();
    await expect(call).rejects.toThrow("cancelled");
  });
});

describe("a partial clone that would fetch on demand", () => {
  it("fetches nothing, runs nothing and says that lines are unknown", async () => {
    const origin = repository();
    commit(origin, "one", { "a.txt": "1\n" });
    commit(origin, "two", { "a.txt": "1\n2\n" });
    git(origin, ["config", "uploadpack.allowFilter", "true"]);
    const root = join(tempFolder(), "clone");
    git(origin, ["clone", "--quiet", "--no-checkout", "--filter=blob:none", `file://${origin}`, root]);
    const mark = join(tempFolder(), "executed");
    const evil = join(root, "evil.sh");
    writeFileSync(evil, `#!/bin/sh\necho "$@" >> ${mark}\n`, { mode: 0o755 });
    git(root, ["config", "remote.origin.uploadpack", evil]);
    git(root, ["config", "protocol.file.allow", "always"]);

    const churn = await inProcess(root).call("churn");
    expect(churn).toMatchObject({ linesKnown: false, truncated: false, commits: 2 });
    expect(churn.files).toMatchObject([{ path: "a.txt", commits: 2, added: 0 }]);
    expect(existsSync(mark)).toBe(false);
    expect(readdirSync(root).sort()).toEqual([".git", "evil.sh"]);
  });
});

describe("a folder that borrows the history of another repository", () => {
  const foreign = repository();
  commit(foreign, "foreign-secret", { "secret.txt": "x" });
  const foreignGit = join(foreign, ".git");

  const disguises: [string, (root: string) => void][] = [
    ["a .git file", (root) => writeFileSync(join(root, ".git"), `gitdir: ${foreignGit}\n`)],
    ["a .git link", (root) => symlinkSync(foreignGit, join(root, ".git"))],
    [
      "a linked objects folder and HEAD",
      (root) => {
        git(root, ["init", "--quiet"]);
        writeTree(root, { ".git/refs/heads/main": git(foreign, ["rev-parse", "HEAD"]) });
        git(root, ["symbolic-ref", "HEAD", "refs/heads/main"]);
        renameSync(join(root, ".git/objects"), join(root, ".git/aside"));
        symlinkSync(join(foreignGit, "objects"), join(root, ".git/objects"));
      },
    ],
    [
      "alternates",
      (root) => {
        git(root, ["init", "--quiet", "--initial-branch=main"]);
        writeTree(root, {
          ".git/objects/info/alternates": `${foreignGit}/objects\n`,
          ".git/refs/heads/main": git(foreign, ["rev-parse", "HEAD"]),
        });
      },
    ],
    [
      "commondir",
      (root) => {
        mkdirSync(join(root, ".git"));
        writeTree(root, { ".git/commondir": `${foreignGit}\n`, ".git/HEAD": "ref: refs/heads/main\n" });
      },
    ],
    ["a missing .git below it", () => undefined],
  ];

  it("by a link in the place of the folder shows nothing of it", async () => {
    const root = join(tempFolder(), "swapped");
    symlinkSync(foreign, root);
    expect((await inProcess(root).call("log")).repository).toMatchObject({
      state: "none",
      reason: "outside",
    });
  });

  it.each(disguises)("by %s shows nothing of it", async (name, disguise) => {
    const root = name.startsWith("a missing") ? join(foreign, "sub") : tempFolder();
    mkdirSync(root, { recursive: true });
    disguise(root);
    const door = inProcess(root);
    for (const tool of TOOLS) {
      const answer = await door.call(tool);
      expect(answer.repository.state).toBe("none");
      expect(JSON.stringify(answer)).not.toContain("foreign-secret");
    }
  });
});

describe("arguments", () => {
  const root = repository();
  commit(root, "one", { "a.txt": "1\n", "-p": "x\n", ":(top)x": "y\n" });
  const out = join(root, "written");

  it.each([
    `--output=${out}`,
    "--ext-diff",
    "-p",
    "--all",
    ":(top)x",
    ":(exclude)a.txt",
    "a.txt --all",
    "$(touch x)",
  ])("a path %j is a name, never an option or a pattern", async (path) => {
    const door = inProcess(root);
    const log = await door.call("log", { path });
    const exists = path === "-p" || path === ":(top)x";
    expect(log.commits).toHaveLength(exists ? 1 : 0);
    expect(existsSync(out)).toBe(false);
  });

  it.each([":/", "../x", "/etc", "a/../b", ".git/config", "a\0b", ""])(
    "a path %j is refused",
    async (path) => {
      await expect(inProcess(root).call("log", { path })).rejects.toThrow();
    },
  );

  it.each([
    ["log", { limit: "--all" }],
    ["log", { limit: 0 }],
    ["log", { limit: 1.5 }],
    ["log", { limit: 10_000 }],
    ["log", { ref: "--exec" }],
    ["churn", { sinceDays: "1; rm -rf" }],
    ["churn", { sinceDays: -1 }],
    ["authors", { since: "--output=x" }],
    ["cadence", { weeks: 1e9 }],
    ["cadence", { "--output": "x" }],
  ])("%s refuses %j", async (tool, args) => {
    await expect(inProcess(root).call(tool, args)).rejects.toThrow();
  });
});
