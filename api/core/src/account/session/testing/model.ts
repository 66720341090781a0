import type { Context } from "@shiplog/core";
import type { TestClock } from "@shiplog/testkit/clock";
import fc from "fast-check";
import { expect } from "vitest";
import { refreshSession } from "../refresh.ts";
import { createSession, invalidateSession, validateSession } from "../sessions.ts";

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;
const GRACE = 10 * SECOND;

/** One family as it must be: its chain of tokens, when each was used, and when it ends. */
interface Family {
  readonly id: string;
  readonly createdAt: number;
  expiresAt: number;
  ended: boolean;
  readonly chain: { readonly token: string; usedAt: number | null }[];
}

interface Model {
  readonly families: Family[];
}

interface Real {
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly userId: string;
}

type Command = fc.AsyncCommand<Model, Real>;

/** Picks by a number that fast-check shrinks. */
function pick<T>(items: readonly T[], n: number): T {
  return items[n % items.length] as T;
}

class Issue implements Command {
  check = () => true;
  toString = () => "issue";
  async run(model: Model, { ctx, clock, userId }: Real) {
    const origin = { userAgent: null, address: null };
    const { session, refreshToken } = await createSession(ctx, { userId, method: "password", ...origin });
    const now = clock.now().getTime();
    model.families.push({
      id: session.id,
      createdAt: now,
      expiresAt: now + 7 * DAY,
      ended: false,
      chain: [{ token: refreshToken, usedAt: null }],
    });
  }
}

/** Redeems the token `back` places before the live one, by several at the same time. */
class Redeem implements Command {
  readonly family: number;
  readonly back: number;
  readonly times: number;
  constructor(family: number, back: number, times: number) {
    this.family = family;
    this.back = back;
    this.times = times;
  }
  check = (model: Readonly<Model>) => model.families.length > 0;
  toString = () => `redeem(family ${this.family}, ${this.back} back, ${this.times} times)`;

  async run(model: Model, { ctx, clock }: Real) {
    const family = pick(model.families, this.family);
    const at = Math.max(0, family.chain.length - 1 - this.back);
    const now = clock.now().getTime();
    const redeemed = await Promise.allSettled(
      Array.from({ length: this.times }, () => refreshSession(ctx, family.chain[at]?.token ?? "")),
    );
    const tokens = new Set(
      redeemed.map((one) => (one.status === "fulfilled" ? one.value.refreshToken : "refused")),
    );
    expect(tokens.size).toBe(1);
    const [answer = ""] = tokens;
    expect(answer).toBe(expected(family, at, now) ?? answer);
    if (family.ended || family.expiresAt <= now) expect(answer).toBe("refused");
    else if (family.chain.at(-1)?.token !== answer) {
      // A token that nobody has seen: only the live one leads to it.
      family.chain[family.chain.length - 1] = { ...(family.chain.at(-1) as Family["chain"][0]), usedAt: now };
      family.chain.push({ token: answer, usedAt: null });
      family.expiresAt = Math.min(now + 7 * DAY, family.createdAt + 30 * DAY);
    }
  }
}

/**
 * What a redemption must answer; undefined = a new token. Within its grace a used token leads on along the chain;
 * one that was used before that ends the family.
 */
function expected(family: Family, at: number, now: number): string | undefined {
  if (family.ended || family.expiresAt <= now) return "refused";
  const link = family.chain[at];
  if (!link || link.usedAt === null) return undefined;
  if (now - link.usedAt > GRACE) {
    family.ended = true;
    return "refused";
  }
  const next = family.chain[at + 1];
  return next?.usedAt === null ? next.token : expected(family, at + 1, now);
}

class Logout implements Command {
  readonly family: number;
  constructor(family: number) {
    this.family = family;
  }
  check = (model: Readonly<Model>) => model.families.length > 0;
  toString = () => `logout(family ${this.family})`;
  async run(model: Model, { ctx }: Real) {
    const family = pick(model.families, this.family);
    await invalidateSession(ctx, family.id);
    family.ended = true;
  }
}

class Wait implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = () => true;
  toString = () => `wait(${this.ms / SECOND} s)`;
  async run(_model: Model, { clock }: Real) {
    clock.advance(this.ms);
  }
}

/** After each: every family lives exactly when the model says so; what happens to one leaves the others alone. */
class Look implements Command {
  check = () => true;
  toString = () => "look";
  async run(model: Model, { ctx, clock }: Real) {
    for (const family of model.families) {
      const lives = !family.ended && family.expiresAt > clock.now().getTime();
      expect((await validateSession(ctx, family.id)) !== null).toBe(lives);
    }
  }
}

const WAITS = [SECOND, 4 * SECOND, GRACE, GRACE + 1, 60 * SECOND, DAY, 3 * DAY, 7 * DAY];

function commands(maxCommands: number) {
  return fc.commands(
    [
      fc.constant(new Issue()),
      fc
        .tuple(fc.nat(5), fc.nat(3), fc.integer({ min: 1, max: 4 }))
        .map(([family, back, times]) => new Redeem(family, back, times)),
      fc.tuple(fc.nat(5), fc.constant(0)).map(([family, back]) => new Redeem(family, back, 1)),
      fc.nat(5).map((family) => new Logout(family)),
      fc.constantFrom(...WAITS).map((ms) => new Wait(ms)),
      fc.constant(new Look()),
    ],
    { size: "max", maxCommands },
  );
}

/** Random histories of issue, refresh, replay, logout and expiry against the model. */
export async function checkFamilies(
  real: Real,
  { maxCommands, ...options }: { numRuns: number; seed: number; maxCommands: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(commands(maxCommands), (history) =>
      fc.asyncModelRun(
        () => ({ model: { families: [] as Family[] }, real }),
        [new Issue(), ...history, new Look()],
      ),
    ),
    options,
  );
}
