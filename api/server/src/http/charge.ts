import {
  type Context,
  type RateBucket,
  type RateLimits,
  type RateState,
  rateHeaders,
  rateKeyOf,
  refuseOverdrawn,
  TooManyRequestsError,
} from "@shiplog/core";
import type { Accepted, Admission, Checked, Credential } from "@shiplog/live";
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from "graphql";

/** What an operation took, and what is left to whoever sent it. */
export interface Charge extends Admission {
  readonly state: RateState | null;
  readonly cost: number;
  readonly points: number;
}

export interface Caller {
  readonly credential: Credential | null;
  readonly address: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  /** The text had to be parsed and compared, which costs as much as a small request, whatever it asks for. */
  readonly isNew?: boolean;
  /** Of the request's body. */
  readonly bytes?: number;
}

/** Objects that one more point pays for: a usual operation costs one, the largest nine. */
const COST_PER_POINT = 250;
const APPEND = "appendAgentExecutionEvents";

/** Until when somebody's points are used up, as far as this process knows. */
const OVERDRAWN = new WeakMap<RateLimits, Map<string, RateState>>();
const MOST_OVERDRAWN = 10_000;
/** What a new text is paid from, whatever it turns out to be. */
const FOR_TEXTS: readonly RateBucket[] = ["requests", "streams"];

function note(ctx: Context, who: string | null, state: RateState | null): void {
  if (who === null || !state || state.allowed || !FOR_TEXTS.includes(state.bucket)) return;
  const known = OVERDRAWN.get(ctx.limits) ?? new Map<string, RateState>();
  OVERDRAWN.set(ctx.limits, known);
  known.delete(who);
  known.set(who, state);
  const [eldest] = known.keys();
  if (known.size > MOST_OVERDRAWN && eldest !== undefined) known.delete(eldest);
}

/** The refusal of whoever has used up his points, before his text is looked at, which costs more; null: he has not. */
export function overdrawn(ctx: Context, { credential, address }: Caller): Admission | null {
  const who = rateKeyOf(credential?.actor ?? null, address);
  const known = OVERDRAWN.get(ctx.limits);
  const state = known?.get(who ?? "");
  if (!state) return null;
  if (state.resetAt.getTime() > Date.now()) return { refused: refusalOf(state), headers: rateHeaders(state) };
  known?.delete(who ?? "");
  return null;
}

type Points = Partial<Record<RateBucket, number>>;

/** Takes the points of an operation; one that was refused costs as a small one, for it was read and judged. */
export async function chargeOperation(ctx: Context, checked: Checked, caller: Caller): Promise<Charge> {
  const points: Points = checked.errors ? { requests: 1 } : pointsOf(checked, caller);
  const due: Points = caller.isNew && !points.requests ? { ...points, requests: 1 } : points;
  const who = rateKeyOf(caller.credential?.actor ?? null, caller.address);
  const taken = await Promise.all(
    Object.entries(due).map(([bucket, points]) =>
      who === null ? null : ctx.limits.take(bucket as RateBucket, who, points),
    ),
  );
  const states = taken.filter((state) => state !== null);
  const state = states.find(({ allowed }) => !allowed) ?? states[0] ?? null;
  note(ctx, who, state);
  return {
    state,
    cost: checked.errors ? 0 : checked.cost,
    points: Object.values(due).reduce((sum, one) => sum + one, 0),
    headers: state ? rateHeaders(state) : {},
    refused: refusalOf(state),
  };
}

/** The error of an operation that came too soon; null: it did not. */
export function refusalOf(state: RateState | null): GraphQLError | null {
  try {
    refuseOverdrawn(state);
    return null;
  } catch (error) {
    if (!(error instanceof TooManyRequestsError)) throw error;
    const { code, retryAfterSeconds: retryAfter } = error;
    return new GraphQLError(error.message, { extensions: { code, retryAfter } });
  }
}

function pointsOf(
  { operation, document, trusted, cost }: Accepted,
  { variables, bytes = 0 }: Caller,
): Points {
  const extra = Math.floor(cost / COST_PER_POINT);
  if (operation.operation === "subscription") return { streams: 1 };
  if (operation.operation === "query") return { [trusted ? "dashboard" : "requests"]: 1 + extra };
  const fields = rootFields(document, operation.selectionSet);
  const appends = fields.filter(({ name }) => name.value === APPEND);
  // A call without events is a sign of life.
  const given = { ...defaultsOf(operation), ...variables };
  const events = appends.reduce((sum, field) => sum + Math.max(1, eventsOf(field, given)), 0);
  const others = fields.length - appends.length;
  return {
    // Each field is a change of its own.
    ...((others > 0 || events === 0) && { requests: Math.max(1, others) + extra }),
    ...(events > 0 && { append_events: events, append_bytes: Math.max(1, bytes) }),
  };
}

/** What its variables are when they are not sent. */
function defaultsOf({ variableDefinitions = [] }: Accepted["operation"]): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}

function eventsOf(field: FieldNode, variables: Caller["variables"]): number {
  const argument = field.arguments?.find(({ name }) => name.value === "input");
  const input = argument && (valueFromASTUntyped(argument.value, variables) as { events?: unknown } | null);
  return Array.isArray(input?.events) ? input.events.length : 0;
}

/** The fields of an operation's root, those in fragments included; the document is valid, so it has no cycle. */
function rootFields(document: DocumentNode, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(document, selection.selectionSet);
    const named = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
    );
    return named?.kind === Kind.FRAGMENT_DEFINITION ? rootFields(document, named.selectionSet) : [];
  });
}
