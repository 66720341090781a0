import { createCipheriv, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSecretBox } from "./secrets.ts";

const a = { id: "a", key: randomBytes(32) };
const b = { id: "b", key: randomBytes(32) };
const box = createSecretBox([a]);

test("opens what it sealed, whatever it is, and never the same way twice", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, bind) => {
      const plain = Buffer.from(bytes);
      const sealed = box.seal(plain, bind);
      expect(box.open(sealed, bind)).toEqual(plain);
      expect(box.seal(plain, bind)).not.toEqual(sealed);
    }),
    { numRuns: 100 },
  );
});

test("refuses another row's secret", () => {
  const sealed = box.seal(Buffer.from("secret"), "integration|1");
  expect(() => box.open(sealed, "integration|2")).toThrow();
});

test("refuses an envelope with any bit changed or any byte missing", () => {
  const sealed = box.seal(Buffer.from("secret"), "row");
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(() => box.open(altered, "row")).toThrow();
    expect(() => box.open(sealed.subarray(0, at), "row")).toThrow();
  }
});

test("a new first key seals, the old one still opens, and without it nothing does", () => {
  const old = box.seal(Buffer.from("secret"), "row");
  const both = createSecretBox([b, a]);
  expect(both.open(old, "row").toString()).toBe("secret");
  const fresh = both.seal(Buffer.from("secret"), "row");
  expect(createSecretBox([b]).open(fresh, "row").toString()).toBe("secret");
  expect(() => createSecretBox([b]).open(old, "row")).toThrow("lacks the key a");
});

test("refuses a ring that cannot work", () => {
  expect(() => createSecretBox([])).toThrow("key ring");
  expect(() => createSecretBox([a, a])).toThrow("distinct");
  expect(() => createSecretBox([{ id: "short", key: randomBytes(16) }])).toThrow("32 bytes");
});

test("re-wraps for a new first key without touching the secret, and what an older version sealed", () => {
  const both = createSecretBox([b, a]);
  const sealed = box.seal(Buffer.from("secret"), "row");
  const next = both.rewrap(sealed, "row");
  if (!next) throw new Error("nothing was re-wrapped");
  expect(createSecretBox([b]).open(next, "row").toString()).toBe("secret");
  expect(both.rewrap(next, "row")).toBeNull();
  // The ciphertext is the same: only the key's envelope is new.
  expect(next.subarray(-34)).toEqual(sealed.subarray(-34));
  expect(() => both.rewrap(sealed, "other row")).toThrow();
  const first = createCipheriv("aes-256-gcm", a.key, Buffer.alloc(12), { authTagLength: 16 });
  const head = Buffer.from([1, 1, 0x61]);
  first.setAAD(Buffer.concat([head, Buffer.from("row")]));
  const text = Buffer.concat([first.update("secret"), first.final()]);
  const old = Buffer.concat([head, Buffer.alloc(12), first.getAuthTag(), text]);
  expect(both.open(old, "row").toString()).toBe("secret");
  expect(
    createSecretBox([b])
      .open(both.rewrap(old, "row") ?? old, "row")
      .toString(),
  ).toBe("secret");
});
