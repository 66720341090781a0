import { createHash, randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { StartupError } from "../errors.ts";
import { type Account, canPass, serverAccount } from "./account.ts";
import { type Binaries, installedBinaries, reachableBinaries } from "./binaries.ts";
import type { EmbeddedLog } from "./log.ts";

/** Where the embedded server lives and as whom it runs. */
export interface Place {
  /** The folder below Shiplog's data directory: pointer and password. */
  readonly own: string;
  /** Holds the cluster, the server's log and, where needed, a copy of the binaries. */
  readonly home: string;
  /** The cluster (PGDATA). */
  readonly cluster: string;
  readonly account: Account | null;
  readonly binaries: Binaries;
}

/** `place.json`: where `home` is, so that no later start looks for the data anywhere else. */
interface Pointer {
  /** Relative to the folder of this file where it lies below it: a checkout may be moved. */
  readonly home: string;
  /** The cluster was complete there; from then on its absence is a loss, not a first start. */
  readonly initialized: boolean;
}

export function findPlace(dataDir: string, log: EmbeddedLog): Place {
  const own = join(dataDir, "postgres");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const known = readPointer(own);
  const home = known ? resolve(own, known.home) : chooseHome(dataDir, own, log);
  const cluster = join(home, "data");
  if (known?.initialized && !existsSync(join(cluster, "PG_VERSION"))) {
    throw new StartupError(
      `The database of ${dataDir} is gone: ${cluster} is missing. Bring that folder back, or remove ${own} to start empty.`,
    );
  }
  const account = serverAccount(cluster);
  if (!known) writePointer(own, home, false);
  mkdirSync(home, { recursive: true });
  if (account) openWay(dataDir, home);
  return { own, home, cluster, account, binaries: reachableBinaries(installedBinaries(), account, home) };
}

export function markInitialized(place: Place): void {
  if (!readPointer(place.own)?.initialized) writePointer(place.own, place.home, true);
}

/** Below the data directory, unless we are root and the server's user cannot get there. */
function chooseHome(dataDir: string, own: string, log: EmbeddedLog): string {
  const account = serverAccount(null);
  if (!account || canPass(account, join(dataDir, ".."))) return own;
  const hash = createHash("sha256").update(dataDir).digest("hex").slice(0, 12);
  const name = `shiplog-${hash}-${randomBytes(3).toString("hex")}`;
  const parents = ["/var/lib", tmpdir(), "/tmp"].filter((folder) => isUsable(account, folder));
  const parent = parents[0];
  if (!parent) {
    throw new StartupError(
      "As root, Shiplog needs a folder that unprivileged users can reach, e.g. /var/lib, for its database.",
    );
  }
  const home = join(parent, name);
  if (parent !== "/var/lib") {
    log.warn({ home }, "the database lies in a folder for temporary files and may not survive a reboot");
  }
  return home;
}

function isUsable(account: Account, folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return canPass(account, folder);
  } catch {
    return false;
  }
}

/** The server's user passes through our folders but lists nothing; each file in them keeps its own mode. */
function openWay(dataDir: string, home: string): void {
  if (home.startsWith(`${dataDir}/`)) chmodSync(dataDir, 0o711);
  chmodSync(home, 0o711);
}

function readPointer(own: string): Pointer | null {
  try {
    return JSON.parse(readFileSync(join(own, "place.json"), "utf8")) as Pointer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function writePointer(own: string, home: string, initialized: boolean): void {
  const pointer: Pointer = { home: home === own ? "." : home, initialized };
  const file = join(own, "place.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(pointer, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
