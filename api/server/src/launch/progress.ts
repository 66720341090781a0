/** "120 ms" or "3.4 s". */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Runs a step of the start and prints it with its duration; `name` may depend on the result, null = no line. */
export async function step<T>(
  name: string | ((result: T) => string | null),
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const result = await work();
  const text = typeof name === "string" ? name : name(result);
  if (text !== null) console.log(`  ${text} (${duration(performance.now() - began)})`);
  return result;
}
