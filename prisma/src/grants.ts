import pg from "pg";
import { StartupError } from "./errors.ts";

/**
 * What the application's role may do in a database that another role owns: read and write rows. It creates, alters and
 * drops nothing, and can neither change nor remove audit entries (see the migration that makes them). The job runner
 * protects its tables by row policies, so the role gets one there.
 */
const GRANTS = `
DO $$
DECLARE app name := current_setting('shiplog.application_role'); item record;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA public, graphile_worker TO %I', app);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, graphile_worker TO %I', app);
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, graphile_worker TO %I', app);
  EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO %I', app);
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry, audit_pruning FROM %I', app);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM %I', app);
  FOR item IN
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'graphile_worker'::regnamespace AND c.relrowsecurity AND NOT EXISTS (
      SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = app || '_jobs')
  LOOP
    EXECUTE format('CREATE POLICY %I ON graphile_worker.%I TO %I USING (true) WITH CHECK (true)',
      app || '_jobs', item.relname, app);
  END LOOP;
END $$`;

/** Several processes that start at once grant one after another. */
const LOCK = 7_270_736_901;

/**
 * Lets the role of `applicationUrl` use the tables that the role of `ownerUrl` has migrated. Throws StartupError when
 * both are the same role, for then nothing is gained, or when the application's role is a superuser.
 */
export async function grantApplication(ownerUrl: string, applicationUrl: string): Promise<void> {
  const application = await inSession(applicationUrl, async (client) => {
    const { rows } = await client.query<{ name: string; rolsuper: boolean }>(
      "SELECT rolname AS name, rolsuper FROM pg_roles WHERE rolname = current_user",
    );
    return rows[0];
  });
  if (!application) throw new StartupError("The role of DATABASE_URL is not known to the server.");
  if (application.rolsuper) {
    throw new StartupError(
      "With SHIPLOG_MIGRATION_URL the role of DATABASE_URL must own nothing, but it is a superuser.",
    );
  }
  await inSession(ownerUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>("SELECT current_user AS name");
    if (rows[0]?.name === application.name) {
      throw new StartupError("SHIPLOG_MIGRATION_URL and DATABASE_URL must name different roles.");
    }
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await client.query("SELECT set_config('shiplog.application_role', $1, true)", [application.name]);
    await client.query(GRANTS);
    await client.query("COMMIT");
  });
}

async function inSession<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "shiplog-migrate" });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
