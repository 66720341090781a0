import { onCleanup } from "solid-js";
import type { Problem } from "./problem.ts";

const AGAIN_MS = 5_000;

/** A question that did not reach the server is asked again by itself; any other answer, and none, ends that. */
export function createAgain(): (problem: Problem | undefined, run: () => void) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  return (problem, run) => {
    clearTimeout(timer);
    if (problem?.code === "NETWORK") timer = setTimeout(run, AGAIN_MS);
  };
}
