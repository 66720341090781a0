/** Installs or updates graphile-worker's own schema; `createJobs` and every worker need it. */
export async function migrateJobs(connectionString: string): Promise<void> {
  // Loaded on demand: everything else of core works without it.
  const { runMigrations } = await import("graphile-worker");
  await runMigrations({ connectionString });
}
