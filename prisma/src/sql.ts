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

/** Runs a statement and returns its rows: int8 as bigint, timestamptz as Date, json parsed. */
export function queryRaw<Row>(db: DbOrTx, statement: Sql): Promise<Row[]> {
  return db.$queryRaw<Row[]>(statement);
}

/** Runs a statement and returns the number of rows it touched. */
export function executeRaw(db: DbOrTx, statement: Sql): Promise<number> {
  return db.$executeRaw(statement);
}
