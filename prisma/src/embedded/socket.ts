import { chownSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canPass } from "./account.ts";
import type { Place } from "./place.ts";

/** Longest path of a UNIX socket (104 bytes on macOS) less the random name and "/.s.PGSQL.5432". */
const PARENT_LIMIT = 68;

/**
 * A new folder for the socket that only the server's user may enter, short enough for a socket's path. Its name
 * is kept in `socket`, so that the next start removes what a killed one left.
 */
export function makeSocketDir({ own, account }: Place): string {
  const record = join(own, "socket");
  removeSocketDir(readOrEmpty(record));
  const usual = tmpdir();
  const fits = Buffer.byteLength(usual) <= PARENT_LIMIT && (!account || canPass(account, usual));
  const folder = mkdtempSync(join(fits ? usual : "/tmp", "shiplog-pg-"));
  if (account) chownSync(folder, account.uid, account.gid);
  writeFileSync(record, folder, { mode: 0o600 });
  return folder;
}

/** Removes nothing but a folder that `makeSocketDir` could have made. */
export function removeSocketDir(path: string): void {
  if (!/\/shiplog-pg-[A-Za-z0-9]{6}$/.test(path)) return;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) rmSync(path, { recursive: true, force: true });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
