import { createComputed, createRoot, createSignal } from "solid-js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRush } from "./rush.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What somebody sees who draws each change of the list. */
function watched() {
  const [count, setCount] = createSignal(100);
  const drawn: [number, boolean][] = [];
  const dispose = createRoot((end) => {
    const rush = createRush(count);
    createComputed(() => void drawn.push([count(), rush()]));
    return end;
  });
  return { drawn, setCount, dispose };
}

it("is known when the first rows that nobody reads are drawn, and over when it was quiet for a moment", () => {
  const { drawn, setCount, dispose } = watched();
  setCount(140);
  vi.advanceTimersByTime(900);
  setCount(180);
  vi.advanceTimersByTime(900);
  expect(drawn).toEqual([
    [100, false],
    [140, true],
    [180, true],
  ]);
  vi.advanceTimersByTime(200);
  expect(drawn.at(-1)).toEqual([180, false]);
  dispose();
});

it("is none while no more comes than can be read", () => {
  const { drawn, setCount, dispose } = watched();
  for (let n = 1; n <= 12; n++) {
    setCount(100 + n * 2);
    vi.advanceTimersByTime(500);
  }
  expect(drawn.filter(([, rush]) => rush)).toEqual([]);
  dispose();
});
