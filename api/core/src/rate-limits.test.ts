import { queryRaw, sql } from "@shiplog/db";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, expect, it } from "vitest";
import { createRateLimits, rateHeaders, rateKeyOf } from "./rate-limits.ts";

const database = await testDatabase();
const errors: unknown[] = [];
const open = (databaseUrl = database.url) =>
  createRateLimits({ limit: 10, databaseUrl, onError: (error) => errors.push(error) });
const replicas = [open(), open(), open()];
afterAll(() => Promise.all(replicas.map((limits) => limits.stop())));

async function accepted(bucket: "requests" | "dashboard", who: string, tries: number): Promise<number> {
  const states = Array.from({ length: tries }, (_, i) => replicas[i % replicas.length]?.take(bucket, who));
  return (await Promise.all(states)).filter((state) => state?.allowed).length;
}

it("lets exactly as many through as there are points, over three processes' connections", async () => {
  expect(await accepted("requests", "user:a", 90)).toBe(10);
  expect(await accepted("dashboard", "user:a", 90)).toBe(60);
  expect(await accepted("requests", "user:b", 9)).toBe(9);
  expect(errors).toEqual([]);
});

it("counts events and bytes apart, and says what is left", async () => {
  const [limits] = replicas;
  expect(await limits?.take("telemetry_events", "key:k", 500)).toMatchObject({
    limit: 6_000,
    remaining: 5_500,
  });
  expect(await limits?.take("telemetry_bytes", "key:k", 6_553_600)).toMatchObject({
    allowed: true,
    remaining: 0,
  });
  const over = await limits?.take("telemetry_bytes", "key:k", 1);
  expect(over).toMatchObject({ allowed: false, remaining: 0, bucket: "telemetry_bytes" });
  const headers = over ? rateHeaders(over) : {};
  expect(Object.keys(headers)).toEqual([
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "ratelimit-policy",
    "retry-after",
  ]);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  expect(headers["ratelimit-policy"]).toBe("6553600;w=60".replace("6553600", String(10 * 640 * 1024)));
});

it("keeps its counts in a table that costs no write-ahead log", async () => {
  const rows = await queryRaw(
    database.db,
    sql`SELECT relpersistence::text AS kind FROM pg_class WHERE relname = 'rate_limit'`,
  );
  expect(rows).toEqual([{ kind: "u" }]);
});

it("counts by itself while the store cannot be asked", async () => {
  const away = open("postgresql://nobody@127.0.0.1:1/nothing");
  const states = [];
  for (let i = 0; i < 15; i++) states.push(await away.take("requests", "user:c"));
  expect(states.filter((state) => state?.allowed).length).toBe(10);
  // It was asked once; the others did not wait for it.
  expect(errors.length).toBe(1);
  await away.stop();
});

it("is off at 0", async () => {
  const off = createRateLimits({ limit: 0, databaseUrl: "unused" });
  expect(await off.take("requests", "user:a")).toBeNull();
});

it("knows callers by account or key, strangers by address, an IPv6 network as one", () => {
  const user = { type: "user", userId: "u", sessionId: "s", isAdmin: false } as const;
  expect(rateKeyOf(user, "10.0.0.1")).toBe("user:u");
  expect(rateKeyOf({ type: "system" }, null)).toBeNull();
  expect(rateKeyOf(null, "10.0.0.1")).toBe("address:10.0.0.1");
  const network = "address:2001:db8:0:1::/64";
  for (const address of ["2001:db8::1:0:0:0:1", "2001:DB8:0:1::ffff", "2001:0db8:0000:0001:a:b:c:d"]) {
    expect(rateKeyOf(null, address)).toBe(network);
  }
  expect(rateKeyOf(null, "2001:db8:0:2::1")).not.toBe(network);
  expect(rateKeyOf(null, "::1")).toBe("address:0:0:0:0::/64");
});
