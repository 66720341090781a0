/** Numbers and foreign text for the report. Text from a repository or a database never becomes markup. */

export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${value.toLocaleString("en-US")} ${value === 1 ? noun : plural}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function kib(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

const NANOS_PER_CENT = 10_000_000n;

/** Dollars of nano-dollars, in cents; below one cent it says so. */
export function dollars(nanos: bigint): string {
  if (nanos > 0n && nanos < NANOS_PER_CENT) return "less than $0.01";
  const cents = (nanos + NANOS_PER_CENT / 2n) / NANOS_PER_CENT;
  return `$${(cents / 100n).toLocaleString("en-US")}.${String(cents % 100n).padStart(2, "0")}`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu, " ").trim();
}

/** Foreign text as text: nothing in it is Markdown or HTML. */
export function plain(text: string, length = 160): string {
  const line = oneLine(text);
  const cut = line.length > length ? `${line.slice(0, length - 1)}…` : line;
  return cut
    .replace(/[\\`*_{}[\]()#+!|<>~&]/gu, (character) => `\\${character}`)
    .replaceAll("://", ":\u200b//");
}

/** A path or name as code. */
export function code(text: string): string {
  const line = oneLine(text).replaceAll("`", "'").replaceAll("|", "¦");
  return `\`${line === "" ? " " : line}\``;
}

export function list(items: readonly string[], kept = 5): string {
  const shown = items.slice(0, kept);
  const more = items.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.pop();
  return shown.length === 0 ? (last ?? "") : `${shown.join(", ")} and ${last}`;
}
