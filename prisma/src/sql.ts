import type { DbOrTx } from "./client.ts";
import { Prisma } from "./generated/client/client.ts";

/** A parameterised statement; nests. */
export const sql = Prisma.sql;
/** Fragments with a separator between them (", " by default). */
export const join = Prisma.join;
/** A piece of SQL from the program itself, never from input. */
export const raw = Prisma.raw;
/** No SQL at all. */
export const empty = Prisma.empty;
export type Sql = Prisma.Sql;

const LAST = "/* last */ ";
const PREPARED = "/* prepared */ ";

/**
 * The last statement of its transaction: COMMIT goes out with it, and it is answered when the transaction has come
 * to its end. Whatever were sent behind it in that transaction is refused.
 */
export function last(statement: Sql): Sql {
  return sql`${raw(LAST)}${statement}`;
}

export function isLast(text: string): boolean {
  return text.startsWith(LAST);
}

/**
 * For statements that run all the time: each connection parses them once, and PostgreSQL keeps the plan when it is
 * no worse than plans for the values. Its text must always be the same: each text stays with each connection.
 */
export function prepared(statement: Sql): Sql {
  return sql`${raw(PREPARED)}${statement}`;
}

const NAMES = new Map<string, string>();

/** The name under which connections keep a statement; empty for those that are not `prepared`. */
export function statementName({ sql: text }: { readonly sql: string }): string {
  if (!text.startsWith(PREPARED, text.startsWith(LAST) ? LAST.length : 0)) return "";
  const known = NAMES.get(text);
  if (known) return known;
  const name = `shiplog_${NAMES.size + 1}`;
  NAMES.set(text, name);
  return name;
}

/** Runs a statement and returns its rows: int8 as bigint, timestamptz as Date, json parsed. */
export function queryRaw<Row>(db: DbOrTx, statement: Sql): Promise<Row[]> {
  return db.$queryRaw<Row[]>(statement);
}

/** Runs a statement and returns the number of rows it touched. */
export function executeRaw(db: DbOrTx, statement: Sql): Promise<number> {
  return db.$executeRaw(statement);
}
