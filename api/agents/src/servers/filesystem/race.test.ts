import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Door, direct, overMcp, serverScript } from "../../fixtures/doors.ts";
import { tempFolder, writeTree } from "../../fixtures/folders.ts";
import { openRoot } from "./beneath.ts";
import { Denied } from "./denied.ts";
import { readFile } from "./read.ts";
import { summariseTree } from "./summarise.ts";

const SECRET = "outside-secret-91c2".repeat(60_000);
const base = tempFolder();
const root = join(base, "root");
writeTree(base, { "outside/file.ts": SECRET, "root/box/file.ts": "fine", "root/file.ts": "fine" });

const swapper = spawn(
  process.execPath,
  [fileURLToPath(new URL("../../fixtures/swap.ts", import.meta.url)), base],
  {
    stdio: ["ignore", "pipe", "inherit"],
  },
);
afterAll(async () => {
  swapper.kill("SIGKILL");
  await once(swapper, "exit");
});
await once(swapper.stdout, "data");

const open = openRoot(root, new Denied([]));
const doors: [string, Door, number][] = [
  ["in process", direct([readFile(open), summariseTree(open)]), 5_000],
  [
    "in a child process",
    await overMcp({
      name: "filesystem",
      command: process.execPath,
      args: [serverScript("filesystem"), "--root", root],
      env: {},
    }),
    400,
  ],
];

describe.each(doors)("components swapped while they are read, %s", (_name, door, rounds) => {
  it("never lead outside", async () => {
    const seen = { fine: 0, refused: 0 };
    for (let round = 0; round < rounds; round++) {
      for (const path of ["box/file.ts", "file.ts"]) {
        try {
          expect((await door.call("read_file", { path })).text).toBe("fine");
          seen.fine++;
        } catch (error) {
          expect(String(error)).toMatch(/symbolic link|hard link|no such file|not a folder|replaced/u);
          seen.refused++;
        }
      }
    }
    expect(seen.fine).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it("are never counted", async () => {
    for (let round = 0; round < rounds / 20; round++) {
      const summary = await door.call("summarise_tree");
      expect(summary.bytes).toBeLessThan(100);
    }
  });
});
