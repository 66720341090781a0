import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { SYSTEM } from "../actor.ts";
import { createProject } from "../project/index.ts";
import {
  authenticate,
  authenticateToken,
  createApiKey,
  createUser,
  recordKeyUses,
  revokeApiKey,
} from "./index.ts";
import { API_KEY_PATTERN } from "./tokens.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const project = await createProject(ctx, SYSTEM, { name: "Keys" });
const SCOPES = ["agent:write", "activity:read"];

const make = (changes: object = {}) =>
  createApiKey(ctx, SYSTEM, { projectId: project.id, name: "CI", scopes: SCOPES, ...changes });

test("a key acts in its project, within its scopes", async () => {
  const { apiKey, secret } = await make();
  expect(secret).toMatch(API_KEY_PATTERN);
  expect(secret.startsWith(apiKey.prefix)).toBe(true);
  expect(await authenticate(ctx, secret)).toEqual({
    type: "key",
    keyId: apiKey.id,
    projectId: project.id,
    userId: null,
    scopes: SCOPES,
  });
  const dump = JSON.stringify(await ctx.db.apiKey.findMany(), (_, value) =>
    value?.type === "Buffer" ? Buffer.from(value).toString("latin1") : value,
  );
  expect(dump).not.toContain(secret.split("_")[2]);
});

test("a key with any character changed, cut or lengthened is none", async () => {
  const { secret } = await make();
  const wrong = [secret.slice(0, -1), `${secret}a`, secret.toUpperCase(), "slk_", "slk_a_b_c"];
  for (let at = 0; at < secret.length; at++) {
    wrong.push(secret.slice(0, at) + (secret[at] === "a" ? "b" : "a") + secret.slice(at + 1));
  }
  for (const text of wrong) {
    await expect(authenticate(ctx, text)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  }
});

test("a key with the right checksum but another secret is none", async () => {
  const [one, two] = [await make(), await make()];
  await ctx.db.apiKey.update({ where: { id: one.apiKey.id }, data: { hash: two.apiKey.hash } });
  await expect(authenticate(ctx, one.secret)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("a key ends at its expiry", async () => {
  const expiresAt = new Date(clock.now().getTime() + 60_000);
  const { secret } = await make({ expiresAt });
  expect(await authenticateToken(ctx, secret)).toMatchObject({ expiresAt });
  clock.advance(60_000);
  await expect(authenticate(ctx, secret)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("a revoked key stops at once and wakes the open streams; revoking twice is no error", async () => {
  const { apiKey, secret } = await make();
  await authenticate(ctx, secret);
  let changes = 0;
  ctx.bus.onAccessChanged(() => changes++);
  const revoked = await revokeApiKey(ctx, SYSTEM, { id: apiKey.id });
  clock.advance(1_000);
  expect(await revokeApiKey(ctx, SYSTEM, { id: apiKey.id })).toEqual(revoked);
  await Promise.resolve();
  expect(changes).toBe(1);
  await expect(authenticate(ctx, secret)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

test("uses cost one statement each and are written together, never back in time", async () => {
  const [one, two] = [await make(), await make()];
  const used = () =>
    ctx.db.apiKey.findMany({
      where: { id: { in: [one.apiKey.id, two.apiKey.id] } },
      select: { lastUsedAt: true },
      orderBy: { id: "asc" },
    });
  await recordKeyUses(ctx);
  const statements = await database.statements(async () => {
    for (const { secret } of [one, two, one]) await authenticate(ctx, secret);
  });
  expect(statements).toHaveLength(3);
  expect(await used()).toEqual([{ lastUsedAt: null }, { lastUsedAt: null }]);
  expect(await database.statements(() => recordKeyUses(ctx))).toHaveLength(1);
  const first = clock.now();
  expect(await used()).toEqual([{ lastUsedAt: first }, { lastUsedAt: first }]);
  expect(await database.statements(() => recordKeyUses(ctx))).toHaveLength(0);
  clock.advance(5_000);
  await authenticate(ctx, one.secret);
  await ctx.db.apiKey.update({ where: { id: one.apiKey.id }, data: { lastUsedAt: new Date("2100-01-01") } });
  await authenticate(ctx, two.secret);
  await recordKeyUses(ctx);
  expect(await used()).toEqual([{ lastUsedAt: new Date("2100-01-01") }, { lastUsedAt: clock.now() }]);
});

test("uses that could not be written are kept for the next time", async () => {
  const { apiKey, secret } = await make();
  await authenticate(ctx, secret);
  const away = { ...ctx, db: new Proxy(ctx.db, { get: () => () => Promise.reject(new Error("away")) }) };
  await expect(recordKeyUses(away)).rejects.toThrow();
  await recordKeyUses(ctx);
  expect(await ctx.db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).toMatchObject({
    lastUsedAt: clock.now(),
  });
});

test("a malformed, mistyped or unsigned credential is refused without a statement", async () => {
  const { secret } = await make();
  const body = secret.slice(0, secret.lastIndexOf("_"));
  for (const text of [`${body}_000000`, secret.replace(/_[^_]+_/, "_x_"), "a.b.c", "rubbish", ""]) {
    const statements = await database.statements(() =>
      expect(authenticate(ctx, text)).rejects.toMatchObject({ code: "UNAUTHENTICATED" }),
    );
    expect([text, statements]).toEqual([text, []]);
  }
});

test("only maintainers of the project make and revoke its keys, and never a key", async () => {
  const { apiKey } = await make();
  for (const role of [null, "viewer", "developer", "maintainer", "owner"] as const) {
    const user = await createUser(ctx, SYSTEM, {
      email: `${role}@k.org`,
      name: "U",
      password: "long enough",
    });
    if (role) {
      await ctx.db.projectMember.create({
        data: { projectId: project.id, userId: user.id, role, createdAt: clock.now() },
      });
    }
    const actor = { type: "user", userId: user.id, sessionId: ctx.newId(), isAdmin: role === null } as const;
    const created = createApiKey(ctx, actor, { projectId: project.id, name: "x", scopes: ["agent:read"] });
    const revoked = revokeApiKey(ctx, actor, { id: apiKey.id });
    // Both are awaited below, one after the other.
    revoked.catch(() => {});
    const code = role === null ? "NOT_FOUND" : "FORBIDDEN";
    if (role === "maintainer" || role === "owner") {
      expect((await created).apiKey.createdById).toBe(user.id);
      await revoked;
    } else {
      await expect(created).rejects.toMatchObject({ code });
      await expect(revoked).rejects.toMatchObject({ code });
    }
  }
  const key = { type: "key", keyId: apiKey.id, projectId: project.id, userId: null, scopes: SCOPES } as const;
  await expect(
    createApiKey(ctx, key, { projectId: project.id, name: "x", scopes: SCOPES }),
  ).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
});

test("an unknown scope, no scope and an expiry in the past are refused with their place", async () => {
  const wrong = make({ name: " ", scopes: ["agent:everything"] });
  await expect(wrong).rejects.toMatchObject({
    issues: [{ path: ["input", "name"] }, { path: ["input", "scopes", 0] }],
  });
  await expect(make({ scopes: [] })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(make({ expiresAt: clock.now() })).rejects.toMatchObject({
    issues: [{ path: ["input", "expiresAt"], message: "must lie in the future" }],
  });
});
