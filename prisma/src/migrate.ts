import { randomUUID } from "node:crypto";
import pg from "pg";
import type { DbOrTx } from "./client.ts";
import { StartupError } from "./errors.ts";
import { type Migration, readMigrations } from "./migrations.ts";

/** Prisma's own lock: this program and `prisma migrate deploy` wait for each other. */
const LOCK = "72707369";

const HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

const READ_HISTORY = `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL`;

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished: boolean;
}

/** Applies what is pending, each migration in a transaction of its own; returns the names it applied. */
export async function migrate(url: string, migrations?: readonly Migration[]): Promise<string[]> {
  const all = migrations ?? (await readMigrations());
  return withClient(url, async (client) => {
    // The second of two processes waits here and then finds nothing left to do.
    await client.query(`SELECT pg_advisory_lock(${LOCK})`);
    try {
      await client.query(HISTORY);
      const pending = pendingOf(all, await readHistory(client));
      for (const migration of pending) await apply(client, migration);
      return pending.map((migration) => migration.name);
    } finally {
      await client.query(`SELECT pg_advisory_unlock(${LOCK})`).catch(() => {});
    }
  });
}

/** Names of the migrations that the database still lacks. */
export async function pendingMigrations(url: string, migrations?: readonly Migration[]): Promise<string[]> {
  const all = migrations ?? (await readMigrations());
  return withClient(url, async (client) => {
    const table = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
    const history = table.rows[0].name ? await readHistory(client) : [];
    return pendingOf(all, history).map((migration) => migration.name);
  });
}

/** Whether every one of these migrations was applied, and as it is; asked over the client's own pool. */
export async function appliesAll(db: DbOrTx, migrations: readonly Migration[]): Promise<boolean> {
  const history = await db.$queryRawUnsafe<HistoryRow[]>(READ_HISTORY);
  return pendingOf(migrations, history).length === 0;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "shiplog-migrate" });
  // A broken connection also rejects the query under way; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function readHistory(client: pg.Client): Promise<HistoryRow[]> {
  return (await client.query<HistoryRow>(READ_HISTORY)).rows;
}

/** Throws where going on could damage data: a half-applied migration, or one whose file was changed since. */
function pendingOf(all: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const applied = new Map(history.map((row) => [row.migration_name, row]));
  const failed = history.find((row) => !row.finished);
  if (failed) {
    throw new StartupError(
      `The database migration ${failed.migration_name} failed half-way. Repair the database by hand, then mark it with ` +
        `"prisma migrate resolve --applied ${failed.migration_name}" or "--rolled-back".`,
    );
  }
  return all.filter((migration) => {
    const row = applied.get(migration.name);
    if (row && row.checksum !== migration.checksum) {
      throw new StartupError(
        `The database migration ${migration.name} was changed after it was applied. Restore its file ` +
          "(prisma/migrations) and put the change into a new migration.",
      );
    }
    return !row;
  });
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw new StartupError(
      `The database migration ${migration.name} cannot be applied: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
