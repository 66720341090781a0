import { readSync } from "node:fs";
import type { TreeFile } from "./walk.ts";

/** A larger file is not counted: it is data, or was not written by hand. */
const COUNTED_BYTES = 2 * 1024 * 1024;
const CHUNK = Buffer.allocUnsafe(256 * 1024);
const SNIFFED = 8 * 1024;
const NEWLINE = 10;

/**
 * Lines of a text file; null for a binary one and for one over the cap. A last line without a newline counts.
 */
export function countLines(fd: number): number | null {
  let lines = 0;
  let total = 0;
  let last = NEWLINE;
  for (let size = readSync(fd, CHUNK); size > 0; size = readSync(fd, CHUNK)) {
    const chunk = CHUNK.subarray(0, size);
    if (total === 0 && chunk.subarray(0, SNIFFED).includes(0)) return null;
    total += size;
    if (total > COUNTED_BYTES) return null;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    last = chunk[size - 1] as number;
  }
  return last === NEWLINE ? lines : lines + 1;
}

/** Lines of a walked file, or why there are none. */
export function linesOf(file: TreeFile): number | "binary" | "large" {
  if (file.bytes > COUNTED_BYTES) return "large";
  return countLines(file.fd) ?? "binary";
}
