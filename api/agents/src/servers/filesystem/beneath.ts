import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../shared/tool.ts";
import type { Denied } from "./denied.ts";
import { isProtectedName } from "./protected.ts";

/** An open folder. `path` is relative to the root, "" for the root itself. */
export interface Folder {
  readonly fd: number;
  readonly path: string;
  readonly absolute: string;
}

export interface Root extends Folder {
  readonly denied: Denied;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** macOS: refuses a symbolic link in any component; it has no way to open relative to a descriptor. */
const O_NOFOLLOW_ANY = 0x2000_0000;
const ANYWHERE = process.platform === "darwin" ? O_NOFOLLOW_ANY : 0;

/**
 * Names an entry of an open folder. On Linux the descriptor itself is the base, so that swapping a parent for
 * a link after it was opened changes nothing: the name is looked up in the folder that was checked.
 */
function entryPath(folder: Folder, name: string): string {
  return process.platform === "linux" ? `/proc/self/fd/${folder.fd}/${name}` : join(folder.absolute, name);
}

/** Path under which the entries of an open folder can be listed. */
export function listingPath(folder: Folder): string {
  return process.platform === "linux" ? `/proc/self/fd/${folder.fd}` : folder.absolute;
}

function openEntry(folder: Folder, name: string, flags: number): number {
  return openSync(entryPath(folder, name), flags | ANYWHERE);
}

/**
 * Opens the folder that everything is read below. The path was checked and resolved by who gave it; one that
 * leads through a symbolic link by now is not the folder that was checked.
 */
export function openRoot(path: string, denied: Denied): Root {
  if (process.platform !== "linux" && process.platform !== "darwin") {
    throw new Error(`reading folders safely is not supported on ${process.platform}`);
  }
  const fd = openSync(path, FOLDER | ANYWHERE);
  const absolute = process.platform === "linux" ? readlinkSync(`/proc/self/fd/${fd}`) : path;
  if (absolute !== path) throw new Error("the root is reached through a symbolic link");
  if (denied.covers(fstatSync(fd), absolute)) throw new Error("the root lies in a folder that is never read");
  return { fd, path: "", absolute, denied };
}

const REFUSALS: Record<string, string> = {
  ENOENT: "no such file",
  ENOTDIR: "not a folder, or reached through a symbolic link",
  ELOOP: "a symbolic link",
  EACCES: "not readable",
  EPERM: "not readable",
  ENAMETOOLONG: "name too long",
  ENXIO: "not a regular file",
  EISDIR: "a folder",
};

function refuse(path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const reason = REFUSALS[code];
  if (reason === undefined) throw error;
  throw new ToolError(`${JSON.stringify(path)}: ${reason}`);
}

function pathIn(parent: Folder, name: string): string {
  return parent.path === "" ? name : `${parent.path}/${name}`;
}

/** Opens a folder inside an open folder. The caller closes it. */
export function openFolder(root: Root, parent: Folder, name: string): Folder {
  const path = pathIn(parent, name);
  const absolute = join(parent.absolute, name);
  let fd: number;
  try {
    fd = openEntry(parent, name, FOLDER);
  } catch (error) {
    refuse(path, error);
  }
  if (root.denied.covers(fstatSync(fd), absolute)) {
    closeSync(fd);
    throw new ToolError(`${JSON.stringify(path)}: never read`);
  }
  return { fd, path, absolute };
}

export interface OpenFile {
  readonly fd: number;
  readonly stats: Stats;
}

/** A file that was opened and, judged by what was opened, is not given out. */
export class FileRefused extends ToolError {
  readonly hardLink: boolean;
  constructor(path: string, reason: string, hardLink = false) {
    super(`${JSON.stringify(path)}: ${reason}`);
    this.hardLink = hardLink;
  }
}

/**
 * Opens a regular file of an open folder and judges what was opened, never the path. A file with a second
 * name may be one that lies outside the root, so it is refused. The caller closes it.
 */
export function openFile(root: Root, parent: Folder, name: string): OpenFile {
  const path = pathIn(parent, name);
  let fd: number;
  try {
    fd = openEntry(parent, name, FILE);
  } catch (error) {
    refuse(path, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new FileRefused(path, "not a regular file");
    if (stats.nlink > 1) throw new FileRefused(path, "a hard link: it may be a file from elsewhere", true);
    if (!isStillNamed(parent, name, fd, stats)) throw new FileRefused(path, "replaced while it was opened");
    if (root.denied.covers(stats, join(parent.absolute, name))) throw new FileRefused(path, "never read");
    return { fd, stats };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Whether the name that was opened still stands, asked after the number of names was read. A hard link that
 * is removed between opening and judging leaves the outside file with one name; a name that still stands had
 * its part in that number. On Linux the descriptor knows its own name, and one that was removed never
 * returns, so there is no gap; a name that ends like the mark of a removed one is not believed.
 */
function isStillNamed(parent: Folder, name: string, fd: number, stats: Stats): boolean {
  if (process.platform !== "linux") {
    const now = lstatSync(entryPath(parent, name));
    return now.dev === stats.dev && now.ino === stats.ino && now.nlink === 1;
  }
  if (name.endsWith(" (deleted)")) return false;
  return readlinkSync(`/proc/self/fd/${fd}`) === `${readlinkSync(listingPath(parent))}/${name}`;
}

const MAX_COMPONENTS = 64;

/** The checked components of a relative path from a caller. */
export function components(path: string): string[] {
  const parts = path.split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"));
  if (bad || parts.length > MAX_COMPONENTS) {
    throw new ToolError(`${JSON.stringify(path)}: not a path relative to the root`);
  }
  if (parts.some(isProtectedName)) throw new ToolError(`${JSON.stringify(path)}: never read`);
  return parts;
}

/** Walks to the folder of `path`, component by component, and hands it and the last name to `use`. */
export function withParent<T>(root: Root, path: string, use: (parent: Folder, name: string) => T): T {
  const parts = components(path);
  const name = parts.pop() as string;
  let parent: Folder = root;
  try {
    for (const part of parts) {
      const next = openFolder(root, parent, part);
      if (parent !== root) closeSync(parent.fd);
      parent = next;
    }
    return use(parent, name);
  } finally {
    if (parent !== root) closeSync(parent.fd);
  }
}
