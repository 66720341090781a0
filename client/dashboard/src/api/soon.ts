import { onCleanup } from "solid-js";

/** Runs `ms` after the first of many calls, however many follow: they are one, and do not put it off. */
export function createSoon(run: () => void, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
}
