import { queryRaw, sql } from "@shiplog/db";
import { pendingMigrations } from "@shiplog/db/migrate";
import type { HealthOptions } from "@shiplog/ingest";
import type { OpenDatabase } from "../launch/database.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Services } from "../services.ts";

/** What /health/ready looks at: the database answers, no migration is missing, the process is not stopping. */
export function healthOf({ db }: Services, database: OpenDatabase, lifecycle: Lifecycle): HealthOptions {
  return {
    checks: {
      database: async () => (await queryRaw<{ one: number }>(db, sql`SELECT 1 AS one`))[0]?.one === 1,
      migrations: async () => (await pendingMigrations(database.url)).length === 0,
    },
    draining: () => lifecycle.stopping,
  };
}
