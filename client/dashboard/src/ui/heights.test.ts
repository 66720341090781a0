import { expect, it } from "vitest";
import { Heights } from "./heights.ts";

it("finds rows by position, with estimates until they are measured", () => {
  const heights = new Heights(20);
  heights.resize(1000);
  expect(heights.total()).toBe(20_000);
  expect(heights.indexAt(0)).toBe(0);
  expect(heights.indexAt(19_999)).toBe(999);
  expect(heights.measure(10, 50)).toBe(30);
  expect(heights.measure(10, 50.2)).toBe(0);
  expect(heights.offset(10)).toBe(200);
  expect(heights.offset(11)).toBe(250);
  expect(heights.indexAt(249)).toBe(10);
  expect(heights.indexAt(250)).toBe(11);
  heights.resize(100_000);
  expect(heights.total()).toBe(100_000 * 20 + 30);
  heights.resize(5);
  expect(heights.total()).toBe(100);
  expect(heights.indexAt(99_999)).toBe(4);
});

it("agrees with adding up by hand over random changes", () => {
  let seed = 7;
  const random = (max: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % max;
  };
  const heights = new Heights(10);
  const plain: number[] = [];
  for (let step = 0; step < 500; step++) {
    if (random(3) === 0) {
      const count = plain.length + random(40);
      heights.resize(count);
      while (plain.length < count) plain.push(10);
    } else if (plain.length > 0) {
      const index = random(plain.length);
      const height = 5 + random(60);
      heights.measure(index, height);
      plain[index] = height;
    }
    const at = random(plain.length + 1);
    expect(heights.offset(at)).toBe(plain.slice(0, at).reduce((sum, one) => sum + one, 0));
  }
});

it("guesses new rows, and the one before them again, and keeps what was measured", () => {
  const heights = new Heights(10);
  heights.resize(2, (index) => (index + 1) * 100);
  heights.measure(0, 7);
  heights.resize(3, () => 1);
  expect(heights.total()).toBe(7 + 1 + 1);
  heights.measure(2, 30);
  heights.resize(4, () => 5);
  expect(heights.total()).toBe(7 + 1 + 30 + 5);
});

it("keeps each height with its row while others come and go before it", () => {
  let seed = 3;
  const random = (max: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % max;
  };
  const heights = new Heights(10);
  const plain: { height: number }[] = [];
  for (let step = 0; step < 500; step++) {
    const edits = [];
    const eye = random(plain.length + 1);
    const row = plain[eye];
    const count = plain.length;
    for (let more = random(4); more > 0; more--) {
      const at = random(plain.length + 1);
      const [removed, inserted] = [Math.min(random(3), plain.length - at), random(5)];
      edits.push({ at, removed, inserted });
      plain.splice(at, removed, ...Array.from({ length: inserted }, () => ({ height: 10 })));
    }
    const now = heights.edit(edits, eye);
    heights.resize(plain.length);
    if (row && eye < count && plain.includes(row)) expect(plain[now]).toBe(row);
    if (plain.length > 0) {
      const index = random(plain.length);
      const height = 5 + random(60);
      heights.measure(index, height);
      (plain[index] as { height: number }).height = height;
    }
    const at = random(plain.length + 1);
    expect(heights.offset(at)).toBe(plain.slice(0, at).reduce((sum, one) => sum + one.height, 0));
  }
});
