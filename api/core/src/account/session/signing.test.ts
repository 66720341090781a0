import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { encodeId } from "../../ids.ts";
import { createSecretBox } from "../../secrets.ts";
import { tendAccounts } from "../upkeep.ts";
import { issueAccessToken, readAccessToken } from "./access_token.ts";
import { loadSigner, rotateSigningKey } from "./signing.ts";

const database = await testDatabase();
const clock = createTestClock();
const ctx = await makeContext(database, { clock });
const session = { id: ctx.newId(), userId: ctx.newId() };

test("processes that start at once make one signing key, sealed, and accept each other's tokens", async () => {
  const processes = await Promise.all(Array.from({ length: 5 }, () => makeContext(database, { clock })));
  const signers = await Promise.all(processes.map(loadSigner));
  expect(new Set(signers.map((signer) => signer.id)).size).toBe(1);
  const rows = await ctx.db.signingKey.findMany();
  expect(rows).toHaveLength(1);
  expect(Buffer.from(rows[0]?.privateSealed ?? []).toString("latin1")).not.toContain('"d"');
  const { token } = await issueAccessToken(ctx, session);
  for (const other of processes)
    expect(await readAccessToken(other, token)).toMatchObject({ userId: session.userId });
});

test("with another key ring the stored key cannot be opened", async () => {
  const secrets = createSecretBox([{ id: "test", key: Buffer.alloc(32, 9) }]);
  await expect(loadSigner(await makeContext(database, { secrets }))).rejects.toThrow();
});

test("a token ends after 15 minutes", async () => {
  const { token, expiresAt } = await issueAccessToken(ctx, session);
  clock.advance(15 * 60_000 - 1_000);
  expect(await readAccessToken(ctx, token)).toEqual({
    sessionId: session.id,
    userId: session.userId,
    expiresAt,
    signedBy: (await loadSigner(ctx)).id,
  });
  clock.advance(1_000);
  expect(await readAccessToken(ctx, token)).toBeNull();
});

test("forged tokens are no tokens: other keys, algorithms, types, audiences, issuers, missing claims", async () => {
  const { id, privateKey } = await loadSigner(ctx);
  const foreign = await generateKeyPair("EdDSA");
  const publicKey = (await ctx.db.signingKey.findUniqueOrThrow({ where: { id } })).publicJwk;
  const claims = { sid: encodeId("Session", session.id), sub: encodeId("User", session.userId) };
  const now = Math.floor(clock.now().getTime() / 1000);
  const good = { iss: "shiplog", aud: "shiplog-api", iat: now, exp: now + 60, ...claims };
  const header = { alg: "EdDSA", typ: "at+jwt", kid: id };
  const sign = (body: object, head: object = header, key: Parameters<SignJWT["sign"]>[0] = privateKey) =>
    new SignJWT({ ...body }).setProtectedHeader(head as typeof header).sign(key);
  expect(await readAccessToken(ctx, await sign(good))).not.toBeNull();
  const secret = Buffer.from(JSON.stringify(publicKey));
  const forged = [
    sign(good, header, foreign.privateKey),
    sign(good, { ...header, jwk: await exportJWK(foreign.publicKey) }, foreign.privateKey),
    sign(good, { ...header, alg: "HS256" }, secret),
    sign(good, { ...header, typ: "JWT" }),
    sign(good, { ...header, kid: "unknown" }),
    sign(good, { ...header, kid: "\0" }),
    sign(good, { ...header, kid: 5 }),
    sign(good, { ...header, kid: { not: "" } }),
    sign(good, { alg: "EdDSA", typ: "at+jwt" }),
    sign({ ...good, aud: "other" }),
    sign({ ...good, iss: "other" }),
    sign({ ...good, exp: undefined }),
    sign({ ...good, sid: undefined }),
    sign({ ...good, sub: "usr_x" }),
    sign({ ...good, nbf: now + 60 }),
  ];
  for (const token of await Promise.all(forged)) expect(await readAccessToken(ctx, token)).toBeNull();
  expect(await readAccessToken(ctx, new UnsecuredJWT(good).encode())).toBeNull();
  expect(await readAccessToken(ctx, "rubbish")).toBeNull();
});

test("a rotated key signs at once, the old one verifies until its tokens have run out", async () => {
  const before = await issueAccessToken(ctx, session);
  const other = await makeContext(database, { clock });
  await loadSigner(other);
  expect(await readAccessToken(other, before.token)).not.toBeNull();
  const { id } = await rotateSigningKey(ctx, SYSTEM);
  const after = await issueAccessToken(ctx, session);
  expect(decodeProtectedHeader(after.token).kid).toBe(id);
  for (const process of [ctx, other]) {
    expect(await readAccessToken(process, before.token)).not.toBeNull();
    expect(await readAccessToken(process, after.token)).not.toBeNull();
  }
  // A process that has not heard of it signs with the old key for a minute; its tokens are good for their 15.
  const late = await issueAccessToken(other, session);
  expect(decodeProtectedHeader(late.token).kid).not.toBe(id);
  clock.advance(60_000);
  expect(decodeProtectedHeader((await issueAccessToken(other, session)).token).kid).toBe(id);
  clock.advance(14 * 60_000 - 1_000);
  expect(await readAccessToken(ctx, late.token)).not.toBeNull();
});

test("a key that leaked verifies nothing any more, in every process that hears of it or reads anew", async () => {
  const leaked = await issueAccessToken(ctx, session);
  const other = await makeContext(database, { clock, bus: ctx.bus });
  expect(await readAccessToken(other, leaked.token)).not.toBeNull();
  await rotateSigningKey(ctx, SYSTEM, { immediately: true });
  expect(await readAccessToken(ctx, leaked.token)).toBeNull();
  expect(await readAccessToken(other, leaked.token)).toBeNull();
  expect(await readAccessToken(other, (await issueAccessToken(ctx, session)).token)).not.toBeNull();
});

test("the hourly job replaces a key after 30 days, once, and deletes what ended long ago", async () => {
  await loadSigner(ctx);
  expect((await tendAccounts(ctx)).rotated).toBe(false);
  const { id } = await loadSigner(ctx);
  clock.advance(30 * 24 * 3_600_000 + 1);
  const rotated = await Promise.all([tendAccounts(ctx), tendAccounts(ctx)]);
  expect(rotated.map((one) => one.rotated).sort()).toEqual([false, true]);
  expect((await loadSigner(ctx)).id).not.toBe(id);
  clock.advance(30 * 24 * 3_600_000 + 1);
  await tendAccounts(ctx);
  clock.advance(30 * 24 * 3_600_000 + 1);
  await tendAccounts(ctx);
  expect(await ctx.db.signingKey.findUnique({ where: { id } })).toBeNull();
  expect(await ctx.db.signingKey.count({ where: { retiredAt: null } })).toBe(1);
});
