import { closeSync, type Dirent, opendirSync } from "node:fs";
import { breathe } from "../shared/pause.ts";
import { ToolError } from "../shared/tool.ts";
import {
  FileRefused,
  type Folder,
  listingPath,
  type OpenFile,
  openFile,
  openFolder,
  type Root,
} from "./beneath.ts";
import { isProtectedName, isSkippedFolder } from "./protected.ts";

export const LIMITS = { files: 200_000, depth: 40, folderEntries: 50_000, milliseconds: 20_000 } as const;

export interface TreeFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  /** Open while the file is visited, closed after it. */
  readonly fd: number;
}

/** What a walk passed by, and whether a limit ended it early. */
export interface WalkReport {
  files: number;
  folders: number;
  symlinks: number;
  hardLinks: number;
  protected: number;
  unreadable: number;
  special: number;
  skippedFolders: Record<string, number>;
  truncated: "files" | "depth" | "folder_entries" | "time" | null;
}

interface Frame {
  readonly folder: Folder;
  readonly entries: readonly Dirent[];
  next: number;
}

function newReport(): WalkReport {
  return {
    files: 0,
    folders: 0,
    symlinks: 0,
    hardLinks: 0,
    protected: 0,
    unreadable: 0,
    special: 0,
    skippedFolders: {},
    truncated: null,
  };
}

function list(folder: Folder, report: WalkReport): Dirent[] {
  const entries: Dirent[] = [];
  const handle = opendirSync(listingPath(folder), { bufferSize: 256 });
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      if (entries.length === LIMITS.folderEntries) {
        report.truncated ??= "folder_entries";
        break;
      }
      entries.push(entry);
    }
  } finally {
    handle.closeSync();
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Visits every file below the root in a fixed order (by name within each folder), never through a link.
 * `after` resumes behind a path without visiting what lies before it. A visitor that answers false stops it.
 */
export class Walk {
  readonly report = newReport();
  readonly #root: Root;
  readonly #signal: AbortSignal;
  readonly #after: readonly string[];
  readonly #deadline = Date.now() + LIMITS.milliseconds;
  #onSpine: boolean;
  #frames: Frame[] = [];

  constructor(root: Root, signal: AbortSignal, after: readonly string[] = []) {
    this.#root = root;
    this.#signal = signal;
    this.#after = after;
    this.#onSpine = after.length > 0;
  }

  async run(visit: (file: TreeFile) => boolean): Promise<WalkReport> {
    this.#root.denied.refresh();
    this.#push(this.#root);
    let seen = 0;
    try {
      for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
        if (++seen % 256 === 0) await breathe(this.#signal);
        if (this.report.truncated === "time") break;
        const entry = frame.entries[frame.next++];
        if (entry === undefined) this.#pop();
        else if (!this.#enter(frame.folder, entry, visit)) break;
      }
    } finally {
      while (this.#frames.length > 0) this.#pop();
    }
    return this.report;
  }

  #push(folder: Folder): void {
    let entries = list(folder, this.report);
    const depth = this.#frames.length;
    const resume = this.#onSpine ? this.#after[depth] : undefined;
    if (resume !== undefined) entries = entries.filter((entry) => entry.name >= resume);
    this.#frames.push({ folder, entries, next: 0 });
    this.report.folders++;
  }

  #pop(): void {
    const frame = this.#frames.pop();
    if (frame && frame.folder !== this.#root) closeSync(frame.folder.fd);
  }

  /** False ends the walk. */
  #enter(folder: Folder, entry: Dirent, visit: (file: TreeFile) => boolean): boolean {
    const depth = this.#frames.length - 1;
    const onSpine = this.#onSpine && entry.name === this.#after[depth];
    if (this.#onSpine && !onSpine) this.#onSpine = false;
    if (Date.now() > this.#deadline) this.report.truncated = "time";
    if (isProtectedName(entry.name)) {
      this.report.protected++;
    } else if (entry.isSymbolicLink()) {
      this.report.symlinks++;
    } else if (entry.isDirectory()) {
      this.#descend(folder, entry.name);
    } else if (!entry.isFile()) {
      this.report.special++;
    } else if (!(onSpine && depth === this.#after.length - 1)) {
      return this.#file(folder, entry.name, visit);
    }
    return true;
  }

  #descend(folder: Folder, name: string): void {
    if (isSkippedFolder(name)) {
      this.report.skippedFolders[name] = (this.report.skippedFolders[name] ?? 0) + 1;
      return;
    }
    if (this.#frames.length >= LIMITS.depth) {
      this.report.truncated ??= "depth";
      return;
    }
    let opened: Folder | null = null;
    try {
      opened = openFolder(this.#root, folder, name);
      this.#push(opened);
    } catch (error) {
      if (opened !== null) closeSync(opened.fd);
      if (!(error instanceof ToolError) && (error as NodeJS.ErrnoException).syscall === undefined)
        throw error;
      this.report.unreadable++;
    }
  }

  #file(folder: Folder, name: string, visit: (file: TreeFile) => boolean): boolean {
    if (this.report.files >= LIMITS.files) {
      this.report.truncated = "files";
      return false;
    }
    let open: OpenFile;
    try {
      open = openFile(this.#root, folder, name);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (error instanceof FileRefused && error.hardLink) this.report.hardLinks++;
      else this.report.unreadable++;
      return true;
    }
    this.report.files++;
    try {
      const path = folder.path === "" ? name : `${folder.path}/${name}`;
      return visit({ path, name, bytes: open.stats.size, fd: open.fd });
    } finally {
      closeSync(open.fd);
    }
  }
}
