/** Milliseconds before try `attempt` (1, 2, …): doubling from half a second to 15 s, half of it by chance. */
export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
