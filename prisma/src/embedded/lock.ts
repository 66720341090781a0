import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StartupError } from "../errors.ts";
import { identity, sleep } from "./processes.ts";

interface Holder {
  pid: number;
  identity: string | null;
}

export interface DirectoryLock {
  release(): void;
}

/** Makes this process the only one on the data directory; a dead holder's lock is taken over. */
export async function lockDirectory(dataDir: string): Promise<DirectoryLock> {
  const path = join(dataDir, "lock");
  const own = JSON.stringify({ pid: process.pid, identity: await identity(process.pid) });
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await create(path, own)) return { release: () => rmSync(path, { force: true }) };
    const content = await readFile(path, "utf8").catch(() => null);
    if (content === null) continue;
    const holder = parse(content);
    // Created but not yet written by a process that starts at the same time.
    if (!holder && attempt < 10) await sleep(20);
    else if (holder && (await isAlive(holder))) throw new StartupError(busy(dataDir, holder.pid));
    else await discard(path, content);
  }
  throw new StartupError(
    `Cannot lock the data directory ${dataDir}: remove ${path} if no Shiplog runs on it.`,
  );
}

function busy(dataDir: string, pid: number): string {
  return (
    `Shiplog already runs on the data directory ${dataDir} (process ${pid}). ` +
    "Stop it first, or set SHIPLOG_DATA_DIR to another folder."
  );
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function parse(content: string): Holder | null {
  try {
    const holder = JSON.parse(content) as Holder;
    return Number.isInteger(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  const now = await identity(holder.pid);
  return now !== null && now === holder.identity;
}

/** Moves the dead lock away first: of two that see it, only one moves it, and one that moved a live lock undoes it. */
async function discard(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, "utf8");
  if (moved === dead) await rm(aside, { force: true });
  else await rename(aside, path);
}
