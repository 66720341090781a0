import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { makePerson } from "@shiplog/testkit/people";
import { expect, test } from "vitest";
import { SYSTEM } from "../actor.ts";
import {
  authenticate,
  createApiKey,
  createPasswordResetLink,
  resetPassword,
  signInWithPassword,
  updateUser,
} from "./index.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const administrator = () => makePerson(ctx, {}, { isAdmin: true });
const code = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code: string }) => error.code,
  );

test("who is disabled has no way in; opened again he has to sign in anew, and his keys work", async () => {
  const { actor: admin } = await administrator();
  const { actor, email, accessToken } = await makePerson(ctx);
  const password = "a password for tests";
  const browser = { email, password, userAgent: null, address: null, device: { token: null } };
  const { deviceToken } = await signInWithPassword(ctx, browser);
  const input = { projectId: null, name: "Mine", scopes: ["agent:read"] };
  const { secret } = await createApiKey(ctx, actor, input);
  const { link } = await createPasswordResetLink(ctx, admin, { email });
  const reset = { token: new URL(link).hash.slice(1), password: "another password" };
  let changes = 0;
  const off = ctx.bus.onAccessChanged(() => changes++);
  const { disabledAt } = await updateUser(ctx, admin, { id: actor.userId, isDisabled: true });
  off();
  expect([disabledAt, changes > 0]).toEqual([clock.now(), true]);
  const ways = () =>
    Promise.all([
      code(authenticate(ctx, accessToken)),
      code(authenticate(ctx, secret)),
      code(resetPassword(ctx, reset)),
      code(signInWithPassword(ctx, browser)),
    ]);
  const closed = ["UNAUTHENTICATED", "UNAUTHENTICATED", "LINK_NOT_VALID", "INVALID_CREDENTIALS"];
  expect(await ways()).toEqual(closed);
  clock.advance(60_000);
  expect((await updateUser(ctx, admin, { id: actor.userId, isDisabled: true })).disabledAt).toEqual(
    disabledAt,
  );
  await updateUser(ctx, admin, { id: actor.userId, isDisabled: false });
  expect(await ways()).toEqual(["UNAUTHENTICATED", "done", "LINK_NOT_VALID", "done"]);
  const device = { ...browser, device: { token: deviceToken } };
  expect((await signInWithPassword(ctx, device)).deviceToken).not.toBe(deviceToken);
});

test("administrators who take each other's power at once leave one; nobody else, no key and no program has it", async () => {
  await ctx.db.user.updateMany({ data: { isAdmin: false } });
  const admins = await Promise.all(Array.from({ length: 4 }, administrator));
  const ends = await Promise.all(
    admins.map(({ actor }, at) =>
      code(updateUser(ctx, actor, { id: admins[(at + 1) % 4]?.actor.userId ?? "", isAdmin: false })),
    ),
  );
  expect(new Set(ends)).toEqual(new Set(["done", "FORBIDDEN"]));
  expect(await ctx.db.user.count({ where: { isAdmin: true } })).toBeGreaterThan(0);
  const [first, second] = [await administrator(), await administrator()];
  await updateUser(ctx, first.actor, { id: second.actor.userId, isAdmin: true });
  expect(await code(authenticate(ctx, second.accessToken))).toBe("done");
  await updateUser(ctx, first.actor, { id: second.actor.userId, isAdmin: false });
  expect(await code(authenticate(ctx, second.accessToken))).toBe("UNAUTHENTICATED");
  const { actor } = await makePerson(ctx);
  const { secret } = await createApiKey(ctx, (await administrator()).actor, {
    projectId: null,
    name: "Mine",
    scopes: ["agent:read"],
  });
  for (const other of [actor, SYSTEM, await authenticate(ctx, secret)]) {
    const attempt = updateUser(ctx, other, { id: actor.userId, isAdmin: true });
    await expect(attempt).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
});
