import { type Log, migrateJobs } from "@shiplog/core";
import { checkServer } from "@shiplog/db/check-server";
import { startEmbedded } from "@shiplog/db/embedded/start";
import { grantApplication } from "@shiplog/db/grants";
import { migrate } from "@shiplog/db/migrate";
import type { Env } from "../env.ts";
import { step } from "./progress.ts";

export interface OpenDatabase {
  readonly url: string;
  /** Ends the embedded server in order; nothing to do for a server of somebody else's. */
  stop(): Promise<void>;
  /** The embedded server died and could not be brought back. */
  onExit(listener: (error: Error) => void): void;
}

/** The database of DATABASE_URL, else the embedded one, with every migration applied. */
export async function openDatabase(
  env: Pick<Env, "databaseUrl" | "dataDir"> & Partial<Pick<Env, "migrationUrl">>,
  log: Log,
): Promise<OpenDatabase> {
  const database = env.databaseUrl ? await openGiven(env.databaseUrl) : await openEmbedded(env.dataDir, log);
  try {
    await step(
      (applied: string[]) => (applied.length > 0 ? `migrated: ${applied.join(", ")}` : null),
      () => migrateAll(database.url, env.migrationUrl),
    );
  } catch (error) {
    await database.stop();
    throw error;
  }
  return database;
}

/** As the role of `ownerUrl`, if there is one; that of `url` then gets what it needs and no more. */
async function migrateAll(url: string, ownerUrl: string = url): Promise<string[]> {
  const applied = await migrate(ownerUrl);
  await migrateJobs(ownerUrl);
  if (ownerUrl !== url) await grantApplication(ownerUrl, url);
  return applied;
}

async function openEmbedded(dataDir: string, log: Log): Promise<OpenDatabase> {
  return step(
    (server) => (server.created ? "database created and started" : "database started"),
    () => startEmbedded({ dataDir, log }),
  );
}

async function openGiven(url: string): Promise<OpenDatabase> {
  await step(
    (version) => `database reached, PostgreSQL ${version}`,
    () => checkServer(url),
  );
  return { url, stop: async () => {}, onExit: () => {} };
}
