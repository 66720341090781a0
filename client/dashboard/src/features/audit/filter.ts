import { useSearchParams } from "@solidjs/router";
import { createMemo } from "solid-js";
import type { AuditOutcome } from "../../gql/graphql.ts";

const OUTCOMES: readonly AuditOutcome[] = ["SUCCEEDED", "REFUSED", "FAILED"];
const DAY_MS = 86_400_000;
/** The choice of `days` that shows the two dates. */
export const DATES = "dates";
export const PERIODS = [
  { value: "1", label: "24 hours" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: DATES, label: "Between dates" },
];

export interface Params extends Record<string, string> {
  q: string;
  thing: string;
  outcome: string;
  /** A period that ends now, or `dates`. */
  days: string;
  /** Days of this browser's calendar, both included; with `days` = `dates` only. */
  from: string;
  to: string;
  /** Public ids. */
  actor: string;
  target: string;
}

/** The beginning of a day here, `plus` days later; null for what is no day. */
function startOfDay(day: string | undefined, plus = 0): Date | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "") ?? [];
  if (!year) return null;
  const at = new Date(Number(year), Number(month) - 1, Number(date) + plus);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The filter that the address names. */
export function createFilter() {
  const [params] = useSearchParams<Params>();
  // The period begins when it is chosen: pages of one reading belong together.
  const since = createMemo(() => {
    const days = Number(PERIODS.find((one) => one.value === params.days)?.value);
    return days ? new Date(Math.floor((Date.now() - days * DAY_MS) / 60_000) * 60_000) : null;
  });
  const between = () => params.days === DATES;
  const filter = () => ({
    search: params.q || null,
    action: params.thing || null,
    actor: params.actor || null,
    target: params.target || null,
    outcome: OUTCOMES.find((one) => one === params.outcome) ?? null,
    from: (between() ? startOfDay(params.from) : since())?.toISOString() ?? null,
    // The last day belongs to it.
    to: (between() ? startOfDay(params.to, 1) : null)?.toISOString() ?? null,
  });
  const any = () => Object.values(filter()).some((value) => value !== null);
  return { filter, any };
}
