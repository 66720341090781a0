import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { SYSTEM } from "../actor.ts";
import type { PasswordHasher } from "../ports.ts";
import {
  createUser,
  ensureOwner,
  invalidateUserSessions,
  signInWithPassword,
  validateSession,
} from "./index.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const NOWHERE = { userAgent: null, address: null };

test("first starts at once create one owner, whose random password is told once", async () => {
  const results = await Promise.all(
    Array.from({ length: 4 }, () => ensureOwner(ctx, { email: "Ada@Example.org" })),
  );
  const [owner, ...others] = results.filter((result) => result.created);
  expect(others).toEqual([]);
  const password = owner?.password ?? "";
  expect(password.length).toBeGreaterThanOrEqual(20);
  const { user } = await signInWithPassword(ctx, { email: "ada@example.org", password, ...NOWHERE });
  expect(user).toMatchObject({ email: "ada@example.org", name: "ada", isAdmin: true });
  expect(await ensureOwner(ctx, { email: "b@example.org", password: "x" })).toMatchObject({ created: false });
  expect(await ctx.db.user.count()).toBe(1);
});

test("the first owner's password is told before the account exists: one that is lost can be made again", async () => {
  const away = await makeContext(await testDatabase(), { clock });
  const told: (string | null)[] = [];
  const crash = ensureOwner(away, { email: "ada@example.org" }, ({ password }) => {
    told.push(password);
    throw new Error("the process died");
  });
  await expect(crash).rejects.toThrow("died");
  expect(await away.db.user.count()).toBe(0);
  await ensureOwner(away, { email: "ada@example.org" }, ({ password }) => told.push(password));
  expect(new Set(told).size).toBe(2);
  const signIn = { email: "ada@example.org", password: told[1] ?? "", ...NOWHERE };
  expect((await signInWithPassword(away, signIn)).user.isAdmin).toBe(true);
});

test("an unknown e-mail costs exactly the work of a wrong password", async () => {
  await createUser(ctx, SYSTEM, { email: "eve@example.org", name: "Eve", password: "long enough" });
  const parameters: string[] = [];
  const passwords: PasswordHasher = {
    hash: (password) => ctx.passwords.hash(password),
    verify: (hash, password) => {
      parameters.push(hash.split("$").slice(0, 4).join("$"));
      return ctx.passwords.verify(hash, password);
    },
  };
  const counted = { ...ctx, passwords };
  for (const email of ["eve@example.org", "nobody@example.org"]) {
    const attempt = signInWithPassword(counted, { email, password: "wrong", ...NOWHERE });
    await expect(attempt).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
  }
  expect(parameters).toHaveLength(2);
  expect(parameters[0]).toBe(parameters[1]);
});

test("only administrators create people; an e-mail belongs to one", async () => {
  const input = { email: "grace@example.org", name: "Grace", password: "long enough" };
  const plain = { type: "user", userId: ctx.newId(), sessionId: ctx.newId(), isAdmin: false } as const;
  const key = {
    type: "key",
    keyId: ctx.newId(),
    projectId: ctx.newId(),
    userId: null,
    scopes: ["agent:write"],
  } as const;
  await expect(createUser(ctx, plain, input)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(createUser(ctx, key, input)).rejects.toMatchObject({ code: "FORBIDDEN" });
  const user = await createUser(ctx, { ...plain, isAdmin: true }, input);
  expect(user.isAdmin).toBe(false);
  const taken = createUser(ctx, SYSTEM, { ...input, email: "GRACE@example.org" });
  await expect(taken).rejects.toMatchObject({ code: "CONFLICT" });
  const wrong = createUser(ctx, SYSTEM, { email: "no address", name: "\0", password: "short" });
  await expect(wrong).rejects.toMatchObject({
    code: "INVALID_INPUT",
    issues: [{ path: ["input", "email"] }, { path: ["input", "name"] }, { path: ["input", "password"] }],
  });
});

test("a password is the same in any Unicode form", async () => {
  await createUser(ctx, SYSTEM, { email: "zoe@example.org", name: "Zoë", password: "Zo\u00eb-password" });
  const signedIn = await signInWithPassword(ctx, {
    email: "zoe@example.org",
    password: "Zoe\u0308-password",
    ...NOWHERE,
  });
  expect(signedIn.user.name).toBe("Zoë");
});

test("a session ends by itself after 7 days, with all others of its person, or when he is disabled", async () => {
  const input = { email: "kim@example.org", password: "long enough", ...NOWHERE };
  await createUser(ctx, SYSTEM, { ...input, name: "Kim" });
  const [first, second] = [await signInWithPassword(ctx, input), await signInWithPassword(ctx, input)];
  expect(await validateSession(ctx, first.session.id)).toEqual({
    type: "user",
    userId: first.user.id,
    sessionId: first.session.id,
    isAdmin: false,
  });
  await invalidateUserSessions(ctx, first.user.id);
  expect(await validateSession(ctx, first.session.id)).toBeNull();
  expect(await validateSession(ctx, second.session.id)).toBeNull();
  const third = await signInWithPassword(ctx, input);
  await ctx.db.user.update({ where: { id: third.user.id }, data: { disabledAt: clock.now() } });
  expect(await validateSession(ctx, third.session.id)).toBeNull();
  await ctx.db.user.update({ where: { id: third.user.id }, data: { disabledAt: null } });
  clock.advance(7 * 24 * 3_600_000);
  expect(await validateSession(ctx, third.session.id)).toBeNull();
});

test("neither passwords nor refresh secrets lie in the database", async () => {
  const input = { email: "kim@example.org", password: "long enough", ...NOWHERE };
  const { refreshToken } = await signInWithPassword(ctx, input);
  const dump = JSON.stringify([await ctx.db.user.findMany(), await ctx.db.session.findMany()]);
  expect(dump).not.toContain(input.password);
  expect(dump).not.toContain(refreshToken.split(".")[1]);
});
