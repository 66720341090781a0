import { mainArgument } from "./call_text.ts";
import type { RunLog } from "./log.ts";

/** Indexes of the rows that hold the text, ignoring case. Reads each block once. */
export function findRows(log: RunLog, text: string): number[] {
  const needle = text.toLowerCase();
  if (!needle) return [];
  const found: number[] = [];
  for (const [index, row] of log.rows.entries()) {
    const item = log.items[row.item];
    if (!item) continue;
    const hay =
      item.kind === "message"
        ? (item.blocks[row.block] ?? "")
        : item.kind === "call"
          ? `${item.tool} ${mainArgument(item.args)} ${JSON.stringify([item.args, item.ended?.result])}`
          : `${item.status} ${item.errorMessage ?? ""}`;
    if (hay.toLowerCase().includes(needle)) found.push(index);
  }
  return found;
}
