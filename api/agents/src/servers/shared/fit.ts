import { jsonBytes } from "./serve.ts";

/** Leaves room for the rest of an answer below the cap of 64 KiB. */
export const PAGE_BYTES = 56 * 1024;

/** The first rows that fit into one answer: foreign text can be long, and JSON can make it six times longer. */
export function fitting<Row>(rows: readonly Row[], bytes = PAGE_BYTES): Row[] {
  let left = bytes;
  const end = rows.findIndex((row) => {
    left -= jsonBytes(row) + 1;
    return left < 0;
  });
  return end < 0 ? [...rows] : rows.slice(0, end);
}
