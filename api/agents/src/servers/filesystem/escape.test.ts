import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Door, direct, overMcp } from "../../fixtures/doors.ts";
import { fifo, tempFolder, writeTree } from "../../fixtures/folders.ts";
import { serversOf } from "../../runtime.ts";
import { openRoot } from "./beneath.ts";
import { Denied } from "./denied.ts";
import { inspectFiles } from "./inspect.ts";
import { listFiles } from "./list.ts";
import { readFile } from "./read.ts";
import { readFiles } from "./read-many.ts";
import { summariseTree } from "./summarise.ts";

const SECRET = "outside-secret-7f3a";
const base = tempFolder();
const root = join(base, "root");
const data = join(root, "state");

writeTree(base, {
  "outside/secret.ts": SECRET,
  "root-evil/secret.ts": SECRET,
  "root/src/ok.ts": "export const ok = 1;\n",
  "root/state/db.ts": SECRET,
  "root/.env": SECRET,
  "root/.env.production": SECRET,
  "root/.ENV": SECRET,
  "root/.e\u200dnv": SECRET,
  "root/.ｅｎｖ": SECRET,
  "root/.env .": SECRET,
  "root/deep/.envrc": SECRET,
  "root/deep/server.pem": SECRET,
  "root/deep/Server.PEM": SECRET,
  "root/deep/tls.key": SECRET,
  "root/deep/id_rsa": SECRET,
  "root/deep/id_rsa.old": SECRET,
  "root/deep/id_ed25519": SECRET,
  "root/deep/store.p12": SECRET,
  "root/deep/store.pfx": SECRET,
  "root/deep/.npmrc": SECRET,
  "root/deep/.netrc": SECRET,
  "root/deep/.git-credentials": SECRET,
  "root/deep/credentials": SECRET,
  "root/deep/credentials.json": SECRET,
  "root/deep/.ssh/config.ts": SECRET,
  "root/.git/config": SECRET,
  "root/.GIT/config": SECRET,
  "root/sub/.git/config": SECRET,
});
symlinkSync(join(base, "outside/secret.ts"), join(root, "link.ts"));
symlinkSync("../outside", join(root, "linked"));
symlinkSync("src", join(root, "inner"));
symlinkSync("/proc/self/environ", join(root, "environ.ts"));
symlinkSync("loop", join(root, "loop"));
linkSync(join(base, "outside/secret.ts"), join(root, "hard.ts"));
fifo(join(root, "pipe.ts"));
mkdirSync(join(root, "folder.ts"));

const tools = [listFiles, readFile, readFiles, summariseTree, inspectFiles];
const spec = serversOf(
  { databaseUrl: "unused", denyPaths: [data] },
  { projectId: "unused", workspacePath: root },
).find((server) => server.name === "filesystem");
if (!spec) throw new Error("no filesystem server");

const doors: [string, Door][] = [
  ["in process", direct(tools.map((tool) => tool(openRoot(root, new Denied([data])))))],
  ["in a child process", await overMcp(spec)],
];

const REFUSED = [
  "../outside/secret.ts",
  "src/../../outside/secret.ts",
  `../${basename(root)}-evil/secret.ts`,
  "..",
  ".",
  "/etc/passwd",
  join(base, "outside/secret.ts"),
  "src//ok.ts",
  "./src/ok.ts",
  "src/ok.ts/",
  "src/ok.ts\0.txt",
  "link.ts",
  "linked/secret.ts",
  "inner/ok.ts",
  "environ.ts",
  "loop",
  "loop/x",
  "hard.ts",
  "pipe.ts",
  "folder.ts",
  "state/db.ts",
  ".env",
  ".env.production",
  ".ENV",
  ".e\u200dnv",
  ".ｅｎｖ",
  ".env .",
  "deep/.envrc",
  "deep/server.pem",
  "deep/Server.PEM",
  "deep/tls.key",
  "deep/id_rsa",
  "deep/id_rsa.old",
  "deep/id_ed25519",
  "deep/store.p12",
  "deep/store.pfx",
  "deep/.npmrc",
  "deep/.netrc",
  "deep/.git-credentials",
  "deep/credentials",
  "deep/credentials.json",
  "deep/.ssh/config.ts",
  ".git/config",
  ".GIT/config",
  "sub/.git/config",
  "/proc/self/environ",
  "-rf",
  "nope.ts",
  `${"a/".repeat(80)}x`,
];

describe.each(doors)("the filesystem server, %s", (_name, door) => {
  it("reads what lies in the root", async () => {
    const read = await door.call("read_file", { path: "src/ok.ts" });
    expect(read.text).toBe("export const ok = 1;\n");
  });

  it.each(REFUSED)("does not read %j", async (path) => {
    await expect(door.call("read_file", { path })).rejects.toThrow();
    if (path.length > 200) return;
    const many = await door.call("read_files", { paths: [path] });
    expect(many.files[0].text).toBeNull();
    const inspected = await door.call("inspect_files", { paths: [path] });
    expect(inspected.files[0].state).toBe("unreadable");
  });

  it("lists and counts only what may be read", async () => {
    const listed = await door.call("list_files");
    expect(listed.files.map((file: { path: string }) => file.path)).toEqual(["src/ok.ts"]);
    const summary = await door.call("summarise_tree");
    expect(summary).toMatchObject({ files: 1, lines: 1, passed: { hardLinks: 1, symlinks: 5, special: 1 } });
    expect(summary.passed.protected).toBeGreaterThan(10);
    expect(JSON.stringify([listed, summary])).not.toContain(SECRET);
  });

  it("refuses arguments that a tool does not know", async () => {
    await expect(door.call("read_file", { path: "src/ok.ts", root: "/" })).rejects.toThrow(/root/u);
    await expect(door.call("summarise_tree", { path: ".." })).rejects.toThrow(/path/u);
    await expect(door.call("read_file", { path: "src/ok.ts", offset: -1 })).rejects.toThrow();
    await expect(door.call("inspect_files", { paths: Array(5_000).fill("a") })).rejects.toThrow();
  });
});

describe("a root", () => {
  it("may not lie in a folder that is never read", () => {
    expect(() => openRoot(data, new Denied([data]))).toThrow(/never read/u);
  });

  it("may not be reached through a link", () => {
    symlinkSync(join(base, "outside"), join(base, "swapped"));
    expect(() => openRoot(join(base, "swapped"), new Denied([]))).toThrow();
    mkdirSync(join(base, "outside/below"));
    expect(() => openRoot(join(base, "swapped/below"), new Denied([]))).toThrow(/symbolic link/u);
  });

  it("does not read a denied folder that comes into being later", async () => {
    const later = join(root, "later");
    const door = direct([readFile(openRoot(root, new Denied([later])))]);
    writeTree(root, { "later/x.ts": SECRET });
    await expect(door.call("read_file", { path: "later/x.ts" })).rejects.toThrow(/never read/u);
  });
});
