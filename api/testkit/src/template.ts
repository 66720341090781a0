import { createHash, randomUUID } from "node:crypto";
import { migrateJobs } from "@shiplog/core";
import { migrate } from "@shiplog/db/migrate";
import { readMigrations } from "@shiplog/db/migrations";
import { withDatabase } from "@shiplog/db/url";
import pg from "pg";

/** Any number of test runs may share a server; one of them makes the template, the others wait. */
const LOCK = 5_308_417;

/** Runs statements on the server's maintenance database. */
export async function onServer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the migrated database that tests clone, unless the server has it; returns its name. */
export async function ensureTemplate(serverUrl: string): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, checksum } of await readMigrations()) hash.update(`${name} ${checksum}\n`);
  const template = `shiplog_template_${hash.digest("hex").slice(0, 16)}`;
  await onServer(serverUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [template]);
    if (found.rowCount === 0) await build(client, serverUrl, template);
  });
  return template;
}

/** Under another name until it is complete. */
async function build(client: pg.Client, serverUrl: string, template: string): Promise<void> {
  const draft = `shiplog_draft_${randomUUID().replaceAll("-", "")}`;
  await client.query(`CREATE DATABASE ${draft} TEMPLATE template0 ENCODING 'UTF8'`);
  try {
    await migrate(withDatabase(serverUrl, draft));
    await migrateJobs(withDatabase(serverUrl, draft));
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  } catch (error) {
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
    throw error;
  }
}
