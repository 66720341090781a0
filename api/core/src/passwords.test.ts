import { expect, test } from "vitest";
import { BusyError, createPasswordHasher } from "./passwords.ts";

test("argon2id with the parameters that OWASP names; a password fits its own hash only", async () => {
  const hasher = createPasswordHasher();
  const hash = await hasher.hash("correct horse");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.verify(hash, "correct horse")).toBe(true);
  expect(await hasher.verify(hash, "correct hors")).toBe(false);
});

test("a flood beyond the queue is refused at once, and the places come free again", async () => {
  const hasher = createPasswordHasher({ memoryCost: 64, timeCost: 1, concurrency: 2, queue: 3 });
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.hash("x")));
  expect(results.map((result) => result.status).filter((status) => status === "fulfilled")).toHaveLength(5);
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason).toBeInstanceOf(BusyError);
  }
  const again = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash("x")));
  expect(again.every((result) => result.status === "fulfilled")).toBe(true);
});

test("a hash that is none rejects and keeps no place", async () => {
  const hasher = createPasswordHasher({ memoryCost: 64, timeCost: 1, concurrency: 1, queue: 0 });
  await expect(hasher.verify("rubbish", "x")).rejects.toThrow();
  expect(await hasher.hash("x")).toMatch(/^\$argon2id/);
});
