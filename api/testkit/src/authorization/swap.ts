import { CANARY } from "./canary.ts";
import { Random } from "./generate.ts";
import type { Caller } from "./people.ts";
import { Swaps, type Tenants } from "./values.ts";

/** What the suite saw, for assertions that it looked at something. */
interface Seen {
  operations: number;
  /** Compared with the same operation on what names nothing. */
  twins: number;
  /** Answers with ids of the own project that were not asked for by themselves. */
  shown: number;
  /** Answers with data at all. */
  answered: number;
  /** Arguments that were given something of theirs, as field.argument. */
  readonly places: Set<string>;
  readonly leaks: string[];
}

/** One way to ask: how operations are made, and what is answered to them. */
export interface Asking<T extends object> {
  /** How many are under way at once. */
  readonly lanes: number;
  /** Null: one that is not to be asked. `turn` counts them: every other one is about what the caller may have. */
  make(random: Random, swaps: Swaps, turn: number): T | null;
  /** All that the caller sees, but for what differs each time. */
  answer(caller: Caller, operation: T): Promise<unknown>;
}

interface Trial<T> {
  readonly caller: Caller;
  readonly operation: T;
  readonly swaps: Swaps;
}

/**
 * One generated operation of a random caller of ours. No canary and no id of theirs may be in its answer, and with
 * what names nothing in the place of theirs the answer must be the same.
 */
async function tryOne<T extends object>(
  asking: Asking<T>,
  { caller, operation, swaps }: Trial<T>,
  { seen, ownIds, foreignIds }: { seen: Seen; ownIds: ReadonlySet<string>; foreignIds: ReadonlySet<string> },
): Promise<void> {
  const answer = await asking.answer(caller, operation);
  const text = JSON.stringify(answer);
  if (DATA.test(text)) seen.answered++;
  const given = JSON.stringify(operation);
  const found = [...text.matchAll(/\b[a-z]{3}_[0-9a-z]{26,52}\b/g)].map(([id]) => id);
  if (found.some((id) => ownIds.has(id) && !given.includes(id))) seen.shown++;
  const leaked = found.filter((id) => foreignIds.has(id) && !given.includes(id));
  const report = (what: string) => seen.leaks.push(`${what} to ${caller.name}: ${given} -> ${text}`);
  if (leaked.length > 0) report(`ids ${leaked}`);
  // What was sent may come back.
  const replaced = swaps.replaced(answer);
  if (JSON.stringify(replaced).replaceAll(MISSING, "").includes(CANARY)) report("canary");
  if (swaps.missing.size === 0) return;
  seen.twins++;
  for (const place of swaps.places) seen.places.add(place);
  const other = JSON.stringify(await asking.answer(caller, swaps.replaced(operation)));
  if (JSON.stringify(replaced) !== other) report(`existence (missing: ${other})`);
}

/** Of any transport. */
const DATA = /"data":\{"\w+":[^n]/;

/** A text of theirs as it stands in the twin. */
const MISSING = new RegExp(`${CANARY}[^"]*~`, "g");

/** One in so many may be given nothing of theirs: lists of all that the caller may see. */
const UNSWAPPED = 20;

function made<T extends object>(
  asking: Asking<T>,
  random: Random,
  turn: number,
): Pick<Trial<T>, "operation" | "swaps"> {
  for (;;) {
    const swaps = new Swaps();
    const operation = asking.make(random, swaps, turn);
    if (operation && (swaps.missing.size > 0 || turn % UNSWAPPED === 0)) return { operation, swaps };
  }
}

/** That many generated operations; the same for the same seed. */
export async function testSwaps<T extends object>(
  { callers, ours }: Tenants,
  foreignIds: ReadonlySet<string>,
  asking: Asking<T>,
  { seed, operations }: { readonly seed: number; readonly operations: number },
): Promise<Seen> {
  const seen: Seen = { operations: 0, twins: 0, shown: 0, answered: 0, places: new Set(), leaks: [] };
  const random = new Random(seed);
  const ownIds = new Set(Object.values(ours.nodes));
  const lane = async () => {
    while (seen.operations < operations) {
      const turn = seen.operations++;
      const caller = callers[turn % callers.length] as Caller;
      const trial = { caller, ...made(asking, random, turn) };
      await tryOne(asking, trial, { seen, ownIds, foreignIds });
    }
  };
  await Promise.all(Array.from({ length: asking.lanes }, lane));
  return seen;
}
