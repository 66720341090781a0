import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { beforeEach, describe, expect, test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { createUser, signInWithPassword } from "../index.ts";
import { networkOf } from "../throttle.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const RIGHT = "correct horse battery";
const MINUTE = 60_000;
let email = "";

beforeEach(async () => {
  email = `${ctx.newId()}@example.org`;
  await createUser(ctx, SYSTEM, { email, name: "Ada", password: RIGHT });
});

interface From {
  readonly email?: string;
  readonly address?: string | null;
  /** The device cookie; absent: a program. */
  readonly device?: string | null;
}

/** "in", or the code of the refusal with the seconds to wait. */
async function attempt(password: string, from: From = {}): Promise<string> {
  const { address = "192.0.2.1", device } = from;
  try {
    await signInWithPassword(ctx, {
      email: from.email ?? email,
      password,
      userAgent: null,
      address,
      ...(device !== undefined && { device: { token: device } }),
    });
    return "in";
  } catch (error) {
    const { code, retryAfterSeconds } = error as { code: string; retryAfterSeconds: number | null };
    return retryAfterSeconds ? `${code} ${retryAfterSeconds}` : code;
  }
}

async function times(n: number, work: (n: number) => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let i = 0; i < n; i++) answers.push(await work(i));
  return answers;
}

const WRONG = "INVALID_CREDENTIALS";

describe("wrong guesses", () => {
  test("wait longer and longer, up to 15 minutes, and the right password waits with them at that address only", async () => {
    expect(await times(5, () => attempt("wrong"))).toEqual(Array(5).fill(WRONG));
    expect(await attempt(RIGHT)).toBe("TOO_MANY_ATTEMPTS 2");
    expect(await attempt(RIGHT, { address: "192.0.2.2" })).toBe("in");
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      const wait = Number((await attempt("wrong")).split(" ")[1]);
      waits.push(wait);
      clock.advance(wait * 1_000);
      expect(await attempt("wrong")).toBe(WRONG);
    }
    expect(waits.slice(0, 5)).toEqual([2, 4, 8, 16, 32]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15 * 60);
    clock.advance(15 * MINUTE);
    expect(await attempt(RIGHT)).toBe("in");
    // A success forgets them.
    expect(await times(4, () => attempt("wrong"))).toEqual(Array(4).fill(WRONG));
    expect(await attempt(RIGHT)).toBe("in");
  });

  test("at the same time are no more than one after another", async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => attempt("wrong")));
    expect(answers.filter((answer) => answer === WRONG)).toHaveLength(5);
    expect(new Set(answers)).toEqual(new Set([WRONG, "TOO_MANY_ATTEMPTS 2"]));
  });

  test("at an account that nobody has are answered the same", async () => {
    const nobody = { email: `${ctx.newId()}@example.org` };
    const known = await times(7, () => attempt("wrong"));
    expect(await times(7, () => attempt("wrong", nobody))).toEqual(known);
  });

  test("take the same statements whether anybody has the address", async () => {
    const run = (who: string) => database.statements(() => attempt("wrong", { email: who }));
    expect(await run(`${ctx.newId()}@example.org`)).toEqual(await run(email));
  });
});

test("a flood is refused before it costs a statement, and who comes after it is let in", async () => {
  const [all, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let waiting = 0;
  const passwords = {
    hash: (password: string) => ctx.passwords.hash(password),
    async verify(hash: string, password: string) {
      if (++waiting === 64) all.resolve();
      await end.promise;
      return ctx.passwords.verify(hash, password);
    },
  };
  const signIn = (n: number) => {
    const person = { email, password: RIGHT, userAgent: null, address: `198.18.0.${n}` };
    return signInWithPassword({ ...ctx, passwords }, person);
  };
  const admitted = Array.from({ length: 64 }, (_, n) => signIn(n));
  await all.promise;
  const late = async () =>
    expect(await signIn(64).catch((error: unknown) => error)).toMatchObject({
      code: "BUSY",
      retryAfterSeconds: 2,
    });
  expect(await database.statements(late)).toEqual([]);
  end.resolve();
  await Promise.all(admitted);
  expect((await signIn(64)).user.email).toBe(email);
});

describe("nobody is locked out by others", () => {
  test("neither by guesses from many addresses, nor at an address where he was before", async () => {
    expect(await attempt(RIGHT, { address: "198.51.100.7" })).toBe("in");
    await times(60, (n) => attempt("wrong", { address: `203.0.113.${n}` }));
    // Under attack a new address has one guess: enough for who knows the password.
    expect(await attempt(RIGHT, { address: "198.51.100.99" })).toBe("in");
    expect(await attempt("wrong", { address: "198.51.100.50" })).toBe(WRONG);
    expect(await attempt("wrong", { address: "198.51.100.50" })).toMatch(/^TOO_MANY_ATTEMPTS/);
    // Where he was before he may still mistype.
    expect(await times(4, () => attempt("wrong", { address: "198.51.100.7" }))).toEqual(Array(4).fill(WRONG));
    expect(await attempt(RIGHT, { address: "198.51.100.7" })).toBe("in");
  });

  test("a known browser passes while others guess from behind the same address", async () => {
    const { deviceToken } = await signInWithPassword(ctx, {
      email,
      password: RIGHT,
      userAgent: null,
      address: "192.0.2.1",
      device: { token: null },
    });
    await times(6, () => attempt("wrong"));
    expect(await attempt(RIGHT)).toMatch(/^TOO_MANY_ATTEMPTS/);
    expect(await attempt(RIGHT, { device: deviceToken })).toBe("in");
    // It has a count of its own, so a stolen cookie is no way to guess without end.
    expect(await times(5, () => attempt("wrong", { device: deviceToken }))).toEqual(Array(5).fill(WRONG));
    expect(await attempt(RIGHT, { device: deviceToken })).toBe("TOO_MANY_ATTEMPTS 2");
    expect(await attempt(RIGHT, { device: "dev_rubbish" })).toMatch(/^TOO_MANY_ATTEMPTS/);
  });

  test("one address cannot try one password on account after account", async () => {
    const address = "2001:db8:1:2::5";
    await times(100, (n) => attempt("Winter2026", { address, email: `${n}-${email}` }));
    const neighbour = { address: "2001:db8:1:2:ffff::9", email: `x-${email}` };
    expect(await attempt("Winter2026", neighbour)).toBe("TOO_MANY_ATTEMPTS 2");
    expect(await attempt(RIGHT, { address: "2001:db8:1:3::5" })).toBe("in");
  });
});

test("a subscriber's network is one IPv4 address, or 64 bits of IPv6", () => {
  expect(networkOf("192.0.2.1")).toBe("192.0.2.1");
  expect(networkOf("2001:db8:1:2::5")).toBe("2001:db8:1:2::/64");
  expect(networkOf("2001:0DB8:0001:0002:ffff:0:0:9")).toBe("2001:db8:1:2::/64");
  expect(networkOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(networkOf("::1")).toBe("0:0:0:0::/64");
});
