import { SLICE } from "@shiplog/core/live";
import type { Row } from "./rows.ts";

/** 1, 2, 3, 7 -> "1-3, 7". */
function ranges(seqs: readonly number[]): string {
  const parts: [first: number, last: number][] = [];
  for (const seq of seqs) {
    const open = parts.at(-1);
    if (open && open[1] === seq - 1) open[1] = seq;
    else parts.push([seq, seq]);
  }
  return parts.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}

function askedFor({ after, tail }: Row): string {
  const from = after === undefined ? [] : [typeof after === "number" ? `after ${after}` : "that cursor"];
  const parts = tail === undefined ? from : [...from, `tail ${tail}`];
  return parts.join(" and ") || "neither";
}

function outcome({ gets }: Row): string {
  if ("error" in gets) return `error \`${gets.error}\` (SSE: ${gets.status})`;
  const batches = gets.events.length > SLICE.events ? ", in batches" : "";
  const what = gets.events.length === 0 ? "an empty batch" : `events ${ranges(gets.events)}${batches}`;
  const reset = "reset" in gets ? `\`reset\`, position ${gets.head}` : what;
  return "complete" in gets ? `${reset}, then \`complete\`` : reset;
}

/** The table as Markdown, its columns aligned. */
export function recoveryTable(rows: readonly Row[]): string {
  const cells = [
    ["stream and position", "asked for", "the client gets"],
    ...rows.map((row) => [row.position, askedFor(row), outcome(row)]),
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const line = (texts: readonly string[], fill = " ") =>
    `| ${texts.map((text, i) => text.padEnd(widths[i] ?? 0, fill)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(["", "", ""], "-"), ...body.map((texts) => line(texts))].join("\n");
}
