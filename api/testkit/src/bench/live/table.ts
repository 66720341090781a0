import { type Row, verdictOf } from "./figure.ts";
import type { Spread } from "./stats.ts";

const HEAD = ["", "measure", "unit", "control", "subject", "ratio", "must", "aim", "reached"];

/** A table in Markdown: medians, and the least and the greatest in parentheses. */
export function printTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { figure, measure, unit, control, subject, ratio, goal } = row;
    const bound = (value: number) => `${goal?.wants === "least" ? "≤" : "≥"} ${short(value)}`;
    return [
      figure,
      measure,
      unit,
      control ? cell(control) : "-",
      cell(subject),
      ratio ? cell(ratio) : "-",
      goal ? bound(goal.must) : "-",
      goal ? bound(goal.aim) : "-",
      verdictOf(row) || "-",
    ];
  });
  const widths = HEAD.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const print = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [print(HEAD), print(widths.map((width) => "-".repeat(width))), ...lines.map(print)].join("\n");
}

/** What else was seen, a line per row that has something. */
export function printDetails(rows: readonly Row[]): string {
  return rows
    .filter(({ details }) => Object.keys(details).length > 0)
    .map(({ figure, details }) => {
      const parts = Object.entries(details).map(
        ([name, value]) => `${name} ${typeof value === "number" ? short(value) : value}`,
      );
      return `${figure}: ${parts.join("; ")}`;
    })
    .join("\n");
}

function cell({ median, least, most, rounds }: Spread): string {
  return rounds > 1 ? `${short(median)} (${short(least)}-${short(most)})` : short(median);
}

/** Three digits that count. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "?";
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
