import { Client, DatabaseError, type QueryResultRow } from "pg";
import { ToolError } from "../shared/tool.ts";

const STATEMENT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ROW_CAP = 500;
const BYTE_CAP = 256 * 1024;

const QUERY_CANCELED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

export type Ask = <Row extends QueryResultRow>(query: Query) => Promise<Row[]>;

/**
 * One connection and one READ ONLY transaction per call, ended by ROLLBACK: nothing a statement sets outlives
 * it. The extended protocol takes one statement at a time, so no text can smuggle in a COMMIT.
 */
export async function readOnly<T>(
  url: string,
  signal: AbortSignal,
  use: (ask: Ask) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: "shiplog-reports",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + LOCK_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  const hangUp = () => void client.end().catch(() => undefined);
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    await client.connect();
    await client.query("BEGIN READ ONLY");
    await client.query(`SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${STATEMENT_TIMEOUT_MS}`);
    const result = await use((query) => ask(client, query));
    await client.query("ROLLBACK");
    return result;
  } catch (error) {
    throw signal.aborted ? new ToolError("cancelled") : explain(error);
  } finally {
    signal.removeEventListener("abort", hangUp);
    await client.end().catch(() => undefined);
  }
}

async function ask<Row extends QueryResultRow>(client: Client, query: Query): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    text: query.text,
    values: [...query.values],
    queryMode: "extended",
  } as { text: string; values: unknown[] });
  if (rows.length > ROW_CAP) throw new ToolError(`over the cap of ${ROW_CAP} rows`);
  if (Buffer.byteLength(JSON.stringify(rows)) > BYTE_CAP)
    throw new ToolError(`over the cap of ${BYTE_CAP} bytes`);
  return rows;
}

/** Says what an operator can act on, without addresses or SQL. */
function explain(error: unknown): unknown {
  if (error instanceof ToolError) return error;
  if (!(error instanceof DatabaseError)) return new ToolError("the database cannot be reached");
  if (error.code === QUERY_CANCELED) return new ToolError("the report took longer than 5 s");
  if (error.code === LOCK_NOT_AVAILABLE) return new ToolError("a table is locked; try again later");
  return error;
}
