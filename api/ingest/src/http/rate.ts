import {
  type Actor,
  type Context,
  type RateState,
  rateHeaders,
  rateKeyOf,
  refuseOverdrawn,
} from "@shiplog/core";
import { createMiddleware } from "hono/factory";
import type { RestContext, RestEnv } from "./env.ts";

/** Charges the caller of a request for it: his key or account, else his address. */
async function charge(c: RestContext): Promise<void> {
  const who = rateKeyOf(c.var.credential?.actor ?? null, c.var.address);
  tellRate(c, who === null ? null : await c.var.ctx.limits.take("requests", who));
}

/** Tells what is left, and throws when that is less than nothing. */
function tellRate(c: RestContext, state: RateState | null): void {
  if (!state) return;
  for (const [name, value] of Object.entries(rateHeaders(state))) c.header(name, value);
  refuseOverdrawn(state);
}

/** Who sends no credential where one is needed, or one that does not hold. */
export async function chargeStranger(c: RestContext): Promise<void> {
  tellRate(c, await chargeGuess(c.var.ctx, c.var.address));
}

/** Behind the guard that finds out who calls. */
export const rateGuard = createMiddleware<RestEnv>(async (c, next) => {
  await charge(c);
  await next();
});

/**
 * A credential that does not hold is charged to whoever is known already, else to the address it came from: keys cannot
 * be tried out at will.
 */
export function chargeGuess(
  ctx: Context,
  address: string | null,
  actor: Actor | null = null,
): Promise<RateState | null> {
  return ctx.limits.take("requests", rateKeyOf(actor, address) ?? "");
}
