import type { Context } from "../../context.ts";

/** Where a delivery is folded: an open transaction and the source it came from. */
export interface Source {
  readonly projectId: string;
  /** e.g. github; part of the identity of what is folded. */
  readonly provider: string;
  /** SHA-256 of the raw body in hexadecimal; breaks ties between deliveries of the same rank and time. */
  readonly bodyHash: string;
}

/**
 * The source with its repository, whose row is locked until commit. That one lock orders all deliveries of a
 * repository: nothing below it needs another, no update is lost, and links between its entities are seen from
 * whichever side comes second.
 */
export interface Scope extends Source {
  readonly tx: Context;
  readonly repository: { readonly id: string; readonly fullName: string };
}

/** What one delivery did to one entity. */
export interface Change<Row> {
  /** Null: it was created. */
  readonly before: Row | null;
  readonly after: Row;
  /** Fields with another value than before; on creation those that were told. */
  readonly changed: readonly string[];
}

/** Events of one kind, by the identity of the entity they tell of, in order of appearance. */
export function byIdentity<E>(events: readonly E[], identity: (event: E) => string): Map<string, E[]> {
  return Map.groupBy(events, identity);
}

/** The named fields of a row. */
export function pick<Row extends object, K extends keyof Row>(row: Row, names: readonly K[]): Pick<Row, K> {
  return Object.fromEntries(names.map((name) => [name, row[name]])) as Pick<Row, K>;
}
