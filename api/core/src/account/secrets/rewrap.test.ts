import { randomBytes } from "node:crypto";
import { queryRaw, sql } from "@shiplog/db";
import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, it } from "vitest";
import { SYSTEM } from "../../actor.ts";
import { encodeId } from "../../ids.ts";
import { createIntegration, createProject, receiveDelivery } from "../../project/index.ts";
import { PLACES } from "../../secret-places.ts";
import { createSecretBox } from "../../secrets.ts";
import { loadSigner } from "../session/signing.ts";
import { rewrapSecrets, unreadableKeys } from "./rewrap.ts";

const INTEGRATIONS = 250;
const database = await testDatabase();
const [old, next] = ["old", "next"].map((id) => ({ id, key: randomBytes(32) }));
if (!old || !next) throw new Error("no keys");
const before = await makeContext(database, { secrets: createSecretBox([old]) });
const after = await makeContext(database, { secrets: createSecretBox([next, old]) });
/** A replica that still seals with the old key and knows the new one. */
const between = await makeContext(database, { secrets: createSecretBox([old, next]) });

/** A delivery whose signature the stored secret must tell right. */
const provider = (secret: string) => ({
  name: "github",
  maxBodyBytes: 100,
  keptHeaders: [],
  hasSignature: () => true,
  verify: (stored: string) => stored === secret,
  identify: () => ({ deliveryId: crypto.randomUUID(), event: "ping" }),
  normalize: () => ({ kind: "ignored" as const, reason: "test" }),
});

it("re-wraps all secrets under load, and no reader fails while it does", async () => {
  const { id: projectId } = await createProject(before, SYSTEM, { name: "Sealed" });
  const made: Awaited<ReturnType<typeof createIntegration>>[] = [];
  for (let i = 0; i < INTEGRATIONS; i++) {
    made.push(await createIntegration(before, SYSTEM, { projectId, provider: "github" }));
  }
  await loadSigner(before);

  let running = true;
  const outcomes = new Map<string, number>();
  const read = async (ctx: typeof before, at: number) => {
    for (let i = at; running; i += 7) {
      const { integration, secret } = made[i % made.length] ?? {};
      if (!integration || !secret) throw new Error("no integration");
      const { outcome } = await receiveDelivery(ctx, provider(secret), {
        integrationId: encodeId("Integration", integration.id),
        headers: { "content-type": "application/json" },
        readBody: async () => Buffer.from("{}"),
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const readers = [read(between, 0), read(after, 3)];
  // Two workers at once, and one that joins with a replica that makes more meanwhile.
  const [first, second] = await Promise.all([rewrapSecrets(after), rewrapSecrets(after)]);
  await createIntegration(between, SYSTEM, { projectId, provider: "github" });
  const last = await rewrapSecrets(after);
  running = false;
  await Promise.all(readers);

  expect([...outcomes.keys()]).toEqual(["accepted"]);
  expect(first.rewrapped + second.rewrapped).toBeGreaterThanOrEqual(INTEGRATIONS + 1);
  expect(last).toEqual({ rewrapped: 1, failed: 0 });
  expect(await rewrapSecrets(after)).toEqual({ rewrapped: 0, failed: 0 });
  const alone = await makeContext(database, { secrets: createSecretBox([next]) });
  expect(await unreadableKeys(alone)).toEqual([]);
  expect((await loadSigner(alone)).id).toBe((await loadSigner(before)).id);
});

it("tells which keys a ring lacks, or has under the name of another", async () => {
  const signing = { keyId: "next", table: "signing_key", secrets: 1, reason: "missing" };
  const integrations = { keyId: "next", table: "integration", secrets: INTEGRATIONS + 1, reason: "missing" };
  expect(await unreadableKeys(before)).toEqual([integrations, signing]);
  const impostor = createSecretBox([{ id: "next", key: randomBytes(32) }]);
  const wrong = await makeContext(database, { secrets: impostor });
  expect((await unreadableKeys(wrong)).map(({ reason }) => reason)).toEqual(["wrong", "wrong"]);
});

it("knows of every column of sealed secrets", async () => {
  const columns = await queryRaw<{ name: string }>(
    database.db,
    sql`SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name LIKE '%sealed' ORDER BY 1`,
  );
  // A successor is sealed with its predecessor, which nobody but its holder has.
  const others = ["refresh_token.successor_sealed"];
  const known = PLACES.map(({ table, column }) => `${table}.${column}`);
  expect(columns.map(({ name }) => name)).toEqual([...known, ...others].sort());
});
