import { readFile, rm, writeFile } from "node:fs/promises";

/**
 * Does `work` unless the stamp says that it was done for `wanted`, a hash of all it depends on; says whether it
 * did. The stamp goes first and comes last, so work that broke off is done again.
 */
export async function whenStale(
  stamp: string,
  wanted: string,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const current = await readFile(stamp, "utf8").catch(() => null);
  if (current === wanted) return false;
  await rm(stamp, { force: true });
  await work();
  await writeFile(stamp, wanted);
  return true;
}
