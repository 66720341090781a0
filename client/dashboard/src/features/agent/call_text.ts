/** The argument that says most about a call, on one line. */
const MAIN = [
  "command",
  "cmd",
  "pattern",
  "query",
  "sql",
  "path",
  "file_path",
  "file",
  "url",
  "report",
  "name",
  "prompt",
  "description",
];

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}

export function mainArgument(args: unknown): string {
  if (args === null || args === undefined) return "";
  if (typeof args !== "object") return oneLine(String(args));
  const entries = Object.entries(args);
  const main = MAIN.find((name) => typeof (args as Record<string, unknown>)[name] === "string");
  if (main) return oneLine(String((args as Record<string, unknown>)[main]));
  if (entries.length === 0) return "";
  return oneLine(
    entries
      .map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
      .join(", "),
  );
}

/** A result on one line, for the log's folded row. */
export function resultLine(result: unknown): string {
  if (result === null || result === undefined) return "";
  if (typeof result === "string") return oneLine(result);
  if (Array.isArray(result)) return `${result.length} ${result.length === 1 ? "entry" : "entries"}`;
  if (typeof result === "object") {
    const { error, message, stderr, stdout, summary } = result as Record<string, unknown>;
    const text = [error, message, stderr, stdout, summary].find(
      (one) => typeof one === "string" && one.trim(),
    );
    return typeof text === "string" ? oneLine(text) : oneLine(JSON.stringify(result));
  }
  return String(result);
}
