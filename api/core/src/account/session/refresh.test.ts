import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { SEED } from "@shiplog/testkit/seed";
import { expect, test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { createUser, refreshSession, validateSession } from "../index.ts";
import { createSession } from "./sessions.ts";
import { checkFamilies } from "./testing/model.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const user = await createUser(ctx, SYSTEM, {
  email: "ada@example.org",
  name: "Ada",
  password: "long enough",
});
const signIn = () =>
  createSession(ctx, { userId: user.id, method: "password", userAgent: null, address: null });

test(`random histories keep to the model (seed ${SEED})`, () =>
  checkFamilies({ ctx, clock, userId: user.id }, { numRuns: 8, seed: SEED, maxCommands: 10 }));

test("a copy that comes after the grace ends its family, no other, and is audited", async () => {
  const stolen = await signIn();
  const other = await signIn();
  const { refreshToken } = await refreshSession(ctx, stolen.refreshToken);
  clock.advance(10_000);
  expect((await refreshSession(ctx, stolen.refreshToken)).refreshToken).toBe(refreshToken);
  clock.advance(1);
  await expect(refreshSession(ctx, stolen.refreshToken)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  await expect(refreshSession(ctx, refreshToken)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await validateSession(ctx, stolen.session.id)).toBeNull();
  expect(await validateSession(ctx, other.session.id)).not.toBeNull();
  const entries = await ctx.db.auditEntry.findMany({ where: { action: "session.reuse" } });
  expect(entries.filter((entry) => entry.targetId === stolen.session.id)).toMatchObject([
    { outcome: "refused", targetType: "Session" },
  ]);
});

test("the database alone gives no token away, neither a live one nor a successor", async () => {
  const first = await signIn();
  const second = await refreshSession(ctx, first.refreshToken);
  const rows = await ctx.db.refreshToken.findMany({ where: { sessionId: first.session.id } });
  expect(rows).toHaveLength(2);
  const bytes = rows.map((row) =>
    Buffer.concat([row.hash, row.successorSealed ?? Buffer.alloc(0)]).toString("latin1"),
  );
  for (const token of [first.refreshToken, second.refreshToken]) {
    const secret = token.split(".")[1] ?? "";
    expect(bytes.join()).not.toContain(secret);
    expect(bytes.join()).not.toContain(Buffer.from(secret, "base64url").toString("latin1"));
  }
  // Whoever writes a row's hash over another's still cannot open what it sealed.
  await ctx.db.refreshToken.updateMany({
    where: { sessionId: first.session.id, usedAt: { not: null } },
    data: { hash: rows.find((row) => row.usedAt === null)?.hash },
  });
  const used = rows.find((row) => row.usedAt !== null);
  const forged = `${first.refreshToken.split(".")[0]}.${second.refreshToken.split(".")[1]}`;
  expect(used).toBeDefined();
  await expect(refreshSession(ctx, forged)).rejects.toThrow();
});
