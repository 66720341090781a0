import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { StartupError } from "../errors.ts";
import { markInitialized, type Place } from "./place.ts";

export const SUPERUSER = "shiplog";

/** Programs of PostgreSQL get nothing of our environment: PGDATA, PGPORT and the like would change what they do. */
export const SERVER_ENV = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

/** The cluster's password, made on first use; it is on disk before the cluster that wants it. */
export function clusterPassword(place: Place): string {
  const file = join(place.own, "password");
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  if (existsSync(join(place.cluster, "PG_VERSION"))) {
    throw new StartupError(`The database password is gone: ${file} is missing. Bring that file back.`);
  }
  const password = randomBytes(32).toString("base64url");
  writeFileSync(`${file}.new`, password, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return password;
}

/** Makes the cluster when there is none: elsewhere first, then renamed, so that a half-made one is never used. */
export async function ensureCluster(place: Place, password: string): Promise<boolean> {
  for (const name of readdirSync(place.home)) {
    if (name.startsWith("init-")) rmSync(join(place.home, name), { recursive: true, force: true });
  }
  const version = join(place.cluster, "PG_VERSION");
  if (existsSync(version)) {
    checkMajor(place, readFileSync(version, "utf8").trim());
    markInitialized(place);
    return false;
  }
  const work = join(place.home, `init-${randomBytes(4).toString("hex")}`);
  const passwordFile = join(work, "password");
  mkdirSync(work, { mode: 0o700 });
  mkdirSync(join(work, "data"), { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (place.account) {
    for (const path of [work, join(work, "data"), passwordFile])
      chownSync(path, place.account.uid, place.account.gid);
  }
  await initdb(place, join(work, "data"), passwordFile);
  renameSync(join(work, "data"), place.cluster);
  syncFolder(place.home);
  rmSync(work, { recursive: true, force: true });
  markInitialized(place);
  return true;
}

function checkMajor(place: Place, found: string): void {
  const major = place.binaries.version.split(".")[0];
  if (found === major) return;
  throw new StartupError(
    `The database in ${place.cluster} was made by PostgreSQL ${found}, but this Shiplog brings PostgreSQL ${major}. ` +
      "Dump it with the version that made it and load the dump into a new data directory.",
  );
}

async function initdb(place: Place, target: string, passwordFile: string): Promise<void> {
  const child = spawn(
    join(place.binaries.root, "bin/initdb"),
    [
      `--pgdata=${target}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // Sorts by code point and knows Unicode, whatever the machine's C library says.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--no-instructions",
    ],
    { cwd: "/", env: SERVER_ENV, stdio: ["ignore", "pipe", "pipe"], ...place.account },
  );
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((done, fail) =>
    child.on("error", fail).on("close", done),
  ).catch(cannotRun);
  if (code !== 0)
    throw new StartupError(`Cannot create the database in ${target}:\n${Buffer.concat(output)}`);
}

export function cannotRun(error: NodeJS.ErrnoException): never {
  const hint =
    error.code === "EPERM" || error.code === "EINVAL" ? " (this container may not switch users)" : "";
  throw new StartupError(
    `Cannot run the embedded PostgreSQL: ${error.message}${hint}. Set DATABASE_URL to use another.`,
    {
      cause: error,
    },
  );
}

function syncFolder(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
