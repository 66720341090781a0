import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FoldKeys, fold, foldKey, type Patch } from "./fold.ts";

interface Fields {
  status: string;
  title: string | null;
  steps: readonly number[];
}
type Told = Patch<Fields> & { hash: string };

const EMPTY: Fields = { status: "", title: null, steps: [] };

function foldAll(patches: readonly Told[]) {
  let values = EMPTY;
  let keys: FoldKeys = {};
  for (const patch of patches) ({ values, keys } = fold(values, keys, [patch], patch.hash));
  return { values, keys };
}

describe("a fold key", () => {
  it("sorts by rank, then time, then hash", () => {
    const keys = [
      foldKey({ rank: 5, time: null }, "ff"),
      foldKey({ rank: 5, time: new Date(9) }, "aa"),
      foldKey({ rank: 5, time: new Date(10) }, "aa"),
      foldKey({ rank: 5, time: new Date(10) }, "ab"),
      foldKey({ rank: 5, time: new Date("2026-11-22") }, "00"),
      foldKey({ rank: 10, time: null }, "00"),
    ];
    expect(keys.toSorted()).toEqual(keys);
  });
});

describe("folding", () => {
  it("takes each field from the greatest delivery that carries it", () => {
    const { values } = foldAll([
      { rank: 30, time: new Date(50), hash: "a", fields: { status: "success" } },
      { rank: 10, time: new Date(99), hash: "b", fields: { status: "queued", title: "early" } },
      { rank: 20, time: new Date(20), hash: "c", fields: { title: "later", steps: [1] } },
    ]);
    expect(values).toEqual({ status: "success", title: "later", steps: [1] });
  });

  it("lets a null that was told win, and an absent field not", () => {
    const { values } = foldAll([
      { rank: 10, time: null, hash: "a", fields: { title: "old" } },
      { rank: 20, time: null, hash: "b", fields: { title: undefined, status: "running" } },
    ]);
    expect(values.title).toBe("old");
    expect(foldAll([{ rank: 1, time: null, hash: "a", fields: { title: null } }]).keys).toHaveProperty(
      "title",
    );
  });

  it("says what changed, and that a repetition changes nothing", () => {
    const patch: Patch<Fields> = { rank: 10, time: new Date(5), fields: { status: "queued", steps: [1, 2] } };
    const once = fold(EMPTY, {}, [patch], "aa");
    expect(once).toMatchObject({ changed: ["status", "steps"], moved: true });
    const twice = fold(once.values, once.keys, [patch], "aa");
    expect(twice).toMatchObject({ changed: [], moved: false, values: once.values });
    const sameByAnother = fold(once.values, once.keys, [{ ...patch, rank: 20 }], "aa");
    expect(sameByAnother).toMatchObject({ changed: [], moved: true });
  });

  it("ends in the same values and keys in any order, however often deliveries come", () => {
    const told: fc.Arbitrary<Told> = fc.record({
      rank: fc.constantFrom(0, 10, 20, 30),
      time: fc.option(fc.date({ min: new Date(0), max: new Date(20), noInvalidDate: true })),
      hash: fc.uuid(),
      fields: fc.record(
        {
          status: fc.constantFrom("queued", "running", "success"),
          title: fc.option(fc.string()),
          steps: fc.array(fc.nat(3), { maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
    });
    const reordered = fc
      .uniqueArray(told, { selector: ({ hash }) => hash.slice(0, 16), maxLength: 12 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2, maxLength: all.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(reordered, ([all, again]) => {
        expect(foldAll(again)).toEqual(foldAll(all));
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
