import type { DbOrTx } from "@shiplog/db";
import pg from "pg";

/** Stands in every text of the other tenant; no answer may hold it. */
export const CANARY = "canary7f3a";

/** Words of fixed sets, and what links rows: with a canary they would no longer be what they are. */
const WORDS = new Set([
  ...["provider", "type", "method", "source", "actor_type", "action", "target_type", "target_id"],
  ...["media_type", "content_type", "algorithm", "tool", "event", "issuer"],
]);

/** Of the installation, not of a tenant; the audit log cannot be changed, it gets its canaries as it is written. */
const TABLES = new Set(["instance", "signing_key", "audit_entry", "_prisma_migrations"]);

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

const MARKED: Readonly<Record<string, (column: string, table: string) => string>> = {
  text: (column, table) => `'${CANARY}-${table}-' || ${column}`,
  ARRAY: (column, table) => `${column} || '${CANARY}-${table}'::text`,
  jsonb: (column, table) =>
    `CASE jsonb_typeof(${column}) WHEN 'object' THEN
       ${column} || jsonb_build_object('text', '${CANARY}-${table}', 'title', '${CANARY}-${table}')
     ELSE ${column} END`,
};

/** Puts a canary into every text, list of texts and JSON object of the database. Returns the columns marked. */
export async function markEverything(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Column>(
    `SELECT c.table_name AS "table", c.column_name AS "column", c.data_type AS type
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2`,
  );
  const marked: string[] = [];
  for (const { table, column, type } of rows) {
    const mark = MARKED[type];
    if (!mark || TABLES.has(table) || WORDS.has(column) || column === "scopes") continue;
    const quoted = `"${column}"`;
    await client.query(
      `UPDATE "${table}" SET ${quoted} = ${mark(quoted, table)} WHERE ${quoted} IS NOT NULL`,
    );
    marked.push(`${table}.${column}`);
  }
  await client.query(`UPDATE webhook_delivery_payload SET body = '{"text":"${CANARY}"}'::bytea`);
  await client.end();
  return marked;
}

/** Rows of each table, as text that changes with them; to see that nobody changed what is not his. */
export async function fingerprint(db: DbOrTx, projectId: string): Promise<unknown> {
  const where = { projectId };
  return {
    project: await db.project.findUnique({ where: { id: projectId } }),
    members: await db.projectMember.findMany({ where, orderBy: { userId: "asc" } }),
    runs: await db.agentExecution.findMany({ where, orderBy: { id: "asc" } }),
    heads: await db.streamHead.findMany({ where, orderBy: { streamId: "asc" } }),
    integrations: await db.integration.findMany({ where, orderBy: { id: "asc" } }),
    invitations: await db.invitation.findMany({ where, orderBy: { id: "asc" } }),
    retention: await db.projectRetention.findMany({ where }),
  };
}
