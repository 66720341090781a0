import { appliesAll } from "@shiplog/db/migrate";
import { readMigrations } from "@shiplog/db/migrations";
import type { HealthOptions } from "@shiplog/ingest";
import type { Lifecycle } from "../lifecycle.ts";
import type { Services } from "../services.ts";

/**
 * What /health/ready looks at: the database answers over the pool that requests use, no migration is missing, the
 * process is not stopping. Without the bus it serves on: readers find what other processes wrote by asking.
 */
export async function healthOf({ db, busConnected }: Services, lifecycle: Lifecycle): Promise<HealthOptions> {
  const migrations = await readMigrations();
  return {
    checks: {
      database: async () => (await db.$queryRaw<unknown[]>`SELECT 1`).length === 1,
      migrations: () => appliesAll(db, migrations),
    },
    degrading: { bus: async () => busConnected() },
    draining: () => lifecycle.stopping,
  };
}
