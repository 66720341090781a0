import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `node swap.ts BASE`: until it is ended, swaps entries of BASE/root between what may be read and ways out:
 * `box` a folder or a link to BASE/outside; `file.ts` a file, a symbolic link or a hard link to the secret.
 */
const base = process.argv[2] as string;
const at = (name: string) => join(base, name);

mkdirSync(at("spare"));
for (let round = 0; ; round++) {
  renameSync(at("root/box"), at("spare/box"));
  symlinkSync(at("outside"), at("root/box"));
  rmSync(at("root/box"));
  renameSync(at("spare/box"), at("root/box"));

  symlinkSync(at("outside/file.ts"), at("spare/link"));
  renameSync(at("spare/link"), at("root/file.ts"));
  linkSync(at("outside/file.ts"), at("spare/hard"));
  renameSync(at("spare/hard"), at("root/file.ts"));
  writeFileSync(at("spare/plain"), "fine");
  renameSync(at("spare/plain"), at("root/file.ts"));
  if (round === 0) process.stdout.write("swapping\n");
}
