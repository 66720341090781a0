const NANO = 1_000_000_000n;

/** Human length: 340 ms, 4.2 s, 1m 12s, 3h 05m, 2d 4h. */
export function duration(ms: number): string {
  if (ms < 0) return "0 s";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return wholeDuration(ms);
}

/** The same in whole seconds, for what ticks. */
export function wholeDuration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const [d, h, m, s] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  if (d > 0) return `${d}d ${h}h`;
  if (h > 0) return `${h}h ${String(m).padStart(2, "0")}m`;
  if (m > 0) return `${m}m ${String(s).padStart(2, "0")}s`;
  return `${s} s`;
}

/** "just now", "4 min ago", "3 h ago", "2 d ago", then the date. */
export function ago(at: Date, now: number): string {
  const seconds = Math.round((now - at.getTime()) / 1000);
  if (seconds < -60) return dateTime(at);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  return at.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
}

// Made once: a formatter costs far more than what it formats.
const DATE_TIME = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" });
const CLOCK = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

export function dateTime(at: Date): string {
  return DATE_TIME.format(at);
}

export function clockTime(at: Date): string {
  return CLOCK.format(at);
}

/** 950, 12.3k, 4.1M: for token counts. */
export function compact(value: number | bigint | string): string {
  const n = Number(value);
  if (n < 1000) return String(n);
  if (n < 999_950) return `${(n / 1000).toFixed(n < 99_950 ? 1 : 0)}k`;
  return `${(n / 1_000_000).toFixed(n < 99_950_000 ? 1 : 0)}M`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(1)} KB`;
  return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** Nano-dollars of a decimal string of dollars. */
export function nanos(usd: string): bigint {
  const [whole = "0", fraction = ""] = usd.replace("-", "").split(".");
  const value = BigInt(whole || "0") * NANO + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return usd.startsWith("-") ? -value : value;
}

/** The decimal string of nano-dollars. */
export function usdOf(value: bigint): string {
  const whole = value / NANO;
  const fraction = String(value % NANO)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return fraction ? `${whole}.${fraction}` : String(whole);
}

/** $12.30, $0.028, <$0.001: money keeps the digits that mean something. Null stays "no price". */
export function money(usd: string | null | undefined): string {
  if (usd === null || usd === undefined) return "no price";
  const value = Number(usd);
  if (value === 0) return "$0.00";
  if (value < 0.001) return "<$0.001";
  if (value < 0.1) return `$${value.toFixed(3)}`;
  if (value < 1000) return `$${value.toFixed(2)}`;
  return `$${Math.round(value).toLocaleString("en")}`;
}

/** The prefix and the last six digits: unique enough to talk about. */
export function shortId(id: string): string {
  const cut = id.indexOf("_");
  return cut < 0 || id.length < 16 ? id : `${id.slice(0, cut)}_…${id.slice(-6)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
