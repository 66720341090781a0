import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartupError } from "../errors.ts";

/** The unprivileged user PostgreSQL runs as when we are root; it refuses root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** In this order; an administrator who wants an account of its own creates `shiplog`. */
const PREFERRED = ["shiplog", "nobody"];

/** Null = as ourselves. An existing data directory keeps its owner. */
export function serverAccount(dataDir: string | null): Account | null {
  if (process.getuid?.() !== 0) return null;
  const owner = dataDir ? statSync(dataDir, { throwIfNoEntry: false }) : undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const entries = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of PREFERRED) {
    const entry = entries.find((fields) => fields[0] === name);
    if (entry && Number(entry[2]) !== 0) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new StartupError(
    `PostgreSQL does not run as root and this machine has no user to run it as (${PREFERRED.join(" or ")}). ` +
      "Create one, start Shiplog as an unprivileged user, or set DATABASE_URL.",
  );
}

/** Whether the account may pass through every folder on the way to `path`, and read what is there. */
export function canReach(account: Account, path: string): boolean {
  const real = realpathSync(path);
  const needed = statSync(real).isDirectory() ? 0o5 : 0o4;
  return allows(account, real, needed) && canPass(account, dirname(real));
}

/** Whether the account may go to `folder` and through it; listing it is another right. */
export function canPass(account: Account, folder: string): boolean {
  for (let path = realpathSync(folder); ; path = dirname(path)) {
    if (!allows(account, path, 0o1)) return false;
    if (path === dirname(path)) return true;
  }
}

function allows(account: Account, path: string, bits: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
