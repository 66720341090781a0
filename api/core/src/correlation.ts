import { AsyncLocalStorage } from "node:async_hooks";
import type { Actor } from "./actor.ts";

/** What the log lines, spans, jobs and child processes of one request have in common. */
export interface Correlation {
  readonly requestId: string;
  /** The W3C traceparent that the caller sent or the job carries; null: a trace begins here, if one is kept. */
  readonly traceparent: string | null;
  /** Who asks; null until it is known, and for the anonymous. */
  actor: Actor | null;
  /** The route's template; null until it is known. */
  route: string | null;
  /** The GraphQL operation: the name of a trusted one, else a hash of the text. */
  operation: string | null;
}

/** What may be carried from one process to another. */
export interface Carried {
  readonly requestId?: unknown;
  readonly traceparent?: unknown;
}

const REQUEST_ID = /^[A-Za-z0-9][\w.-]{7,63}$/;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const CURRENT = new AsyncLocalStorage<Correlation>();

function matching(pattern: RegExp, value: unknown): string | null {
  return typeof value === "string" && pattern.test(value) ? value : null;
}

/**
 * Takes what was carried only in its strict form, for it goes into log lines, headers and environments: a request
 * id, else the id of the trace, else a new one.
 */
export function correlationOf(carried: Carried, newId: () => string): Correlation {
  const traceparent = matching(TRACEPARENT, carried.traceparent);
  const requestId =
    matching(REQUEST_ID, carried.requestId) ?? (traceparent && TRACEPARENT.exec(traceparent)?.[1]) ?? newId();
  return { requestId, traceparent, actor: null, route: null, operation: null };
}

/** Runs `work` and all that it starts as part of this correlation. */
export function correlate<T>(correlation: Correlation, work: () => T): T {
  return CURRENT.run(correlation, work);
}

/** Tells who asks, once it is known. */
export function noteActor(actor: Actor): void {
  const current = CURRENT.getStore();
  if (current) current.actor = actor;
}

/** Tells which route answers. */
export function noteRoute(route: string): void {
  const current = CURRENT.getStore();
  if (current) current.route = route;
}

/** What is being done now; null outside of a request or job. */
export function currentCorrelation(): Correlation | null {
  return CURRENT.getStore() ?? null;
}
