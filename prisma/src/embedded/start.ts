import { accessSync, constants, mkdirSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import pg from "pg";
import { StartupError } from "../errors.ts";
import { clusterPassword, ensureCluster, SUPERUSER } from "./cluster.ts";
import { type DirectoryLock, lockDirectory } from "./lock.ts";
import type { EmbeddedLog } from "./log.ts";
import { endOrphan } from "./orphan.ts";
import { findPlace, type Place } from "./place.ts";
import { makeSocketDir, removeSocketDir } from "./socket.ts";
import { superviseServer } from "./supervise.ts";

export interface EmbeddedOptions {
  /** Shiplog's data directory; made when it is missing. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
  /** Settings of the server on top of ours; only tests give some. */
  readonly settings?: Record<string, string>;
}

export interface EmbeddedServer {
  /** Stays the same when the server had to be restarted. */
  readonly url: string;
  /** The cluster was made by this start. */
  readonly created: boolean;
  /** Ends the server in order and frees the data directory. */
  stop(): Promise<void>;
  /** The server died and could not be brought back. */
  onExit(listener: (error: Error) => void): void;
}

/** Starts, or recovers and starts, the PostgreSQL of a data directory; one process at a time per directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataDir = openDataDir(options.dataDir);
  const locks = [await lockDirectory(dataDir)];
  try {
    const place = findPlace(dataDir, options.log);
    // A copied data directory points to the same home: its lock keeps the two apart.
    if (place.home !== place.own) locks.push(await lockDirectory(place.home));
    return await startLocked(place, locks, options);
  } catch (error) {
    release(locks);
    throw error;
  }
}

function release(locks: readonly DirectoryLock[]): void {
  for (const lock of locks.toReversed()) lock.release();
}

async function startLocked(
  place: Place,
  locks: readonly DirectoryLock[],
  { log, settings }: EmbeddedOptions,
): Promise<EmbeddedServer> {
  const password = clusterPassword(place);
  await endOrphan(place.cluster, log);
  const created = await ensureCluster(place, password);
  const socketDir = makeSocketDir(place);
  const server = await superviseServer({ place, socketDir, settings, log }).catch((error) => {
    removeSocketDir(socketDir);
    throw error;
  });
  const stop = async () => {
    await server.stop();
    removeSocketDir(socketDir);
    release(locks);
  };
  try {
    const url = await openDatabase(socketDir, password);
    return { url, created, stop, onExit: (listener) => server.onExit(listener) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Made when missing, writable, and by its real path: two names of one folder are one data directory. */
function openDataDir(wanted: string): string {
  const path = resolve(wanted);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOTDIR" || code === "EEXIST" ? "it is not a folder" : (code ?? String(cause));
    throw new StartupError(
      `Cannot write to the data directory ${path} (${why}). Set SHIPLOG_DATA_DIR to a writable folder.`,
      {
        cause,
      },
    );
  }
}

/** The URL of our database in the cluster, which is made on first use. */
async function openDatabase(socketDir: string, password: string): Promise<string> {
  const url = (database: string) =>
    `postgresql://${SUPERUSER}:${password}@localhost:5432/${database}?host=${encodeURIComponent(socketDir)}`;
  const error = await tryConnect(url(SUPERUSER));
  if (!error) return url(SUPERUSER);
  if (error.code !== "3D000") throw error;
  const failed = await tryConnect(url("postgres"), `CREATE DATABASE ${SUPERUSER}`);
  if (failed) throw failed;
  return url(SUPERUSER);
}

async function tryConnect(url: string, statement?: string): Promise<(Error & { code?: string }) | null> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    if (statement) await client.query(statement);
    return null;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => {});
  }
}
