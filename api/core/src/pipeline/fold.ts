/**
 * The state of an entity is a function of the set of deliveries that told of it, never of their order: each field
 * comes from the delivery with the greatest key among those that carry the field. Keys are texts that sort like
 * (status rank, provider time, body hash), so "greatest so far" is all that has to be kept.
 */

/** Field name -> key of the delivery its value came from; stored in the row's `fold` column. */
export type FoldKeys = Readonly<Record<string, string>>;

/** When, by the provider, something was so; the body hash is added when it is folded. */
export interface Moment {
  /** How far along the status is; see status.ts. */
  readonly rank: number;
  /** The provider's own time of this state; null when it names none (counts as the oldest). */
  readonly time: Date | null;
}

/** What one delivery says of one entity: only fields it really carries; null = it says "none". */
export interface Patch<Fields extends object> extends Moment {
  readonly fields: Partial<Fields>;
}

const HASH_DIGITS = 16;

/** The sortable form of a key; `bodyHash` in hexadecimal breaks ties. */
export function foldKey(moment: Moment, bodyHash: string): string {
  const rank = String(moment.rank).padStart(2, "0");
  const time = Math.max(0, moment.time?.getTime() ?? 0)
    .toString()
    .padStart(15, "0");
  return `${rank}.${time}.${bodyHash.slice(0, HASH_DIGITS)}`;
}

export interface Folded<Fields extends object> {
  readonly values: Fields;
  readonly keys: FoldKeys;
  /** Fields whose value is another than before. */
  readonly changed: readonly (keyof Fields & string)[];
  /** The keys moved, with or without a value: the row must be written. */
  readonly moved: boolean;
}

/**
 * Folds the patches of one delivery into an entity. Equal keys replace, so a delivery processed again (by a newer
 * program, say) brings its fields up to date, and a repetition changes nothing.
 */
export function fold<Fields extends object>(
  values: Fields,
  keys: FoldKeys,
  patches: readonly Patch<Fields>[],
  bodyHash: string,
): Folded<Fields> {
  const next = { ...values } as Record<string, unknown>;
  const nextKeys: Record<string, string> = { ...keys };
  let moved = false;
  for (const patch of patches) {
    const key = foldKey(patch, bodyHash);
    for (const [field, value] of Object.entries(patch.fields)) {
      if (value === undefined || key < (nextKeys[field] ?? "")) continue;
      moved ||= nextKeys[field] !== key;
      nextKeys[field] = key;
      next[field] = value;
    }
  }
  const changed = Object.keys(next).filter(
    (field) => !same((values as Record<string, unknown>)[field], next[field]),
  );
  return {
    values: next as Fields,
    keys: nextKeys,
    changed: changed as (keyof Fields & string)[],
    moved: moved || changed.length > 0,
  };
}

/** Values are what a row can hold: scalars, dates, lists of them; compared by their JSON. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
