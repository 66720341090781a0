import { createTestClock } from "@shiplog/testkit/clock";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { encodeId } from "../ids.ts";
import { createSecretBox } from "../secrets.ts";
import { issueAccessToken, readAccessToken } from "./access_token.ts";
import { loadSigner } from "./signing.ts";

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
