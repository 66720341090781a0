import { describe, expect, it } from "vitest";
import { ago, compact, duration, money, nanos, shortId, usdOf, wholeDuration } from "./format.ts";

describe("format", () => {
  it("writes durations as a person says them", () => {
    expect([340, 4200, 9960, 72_000, 11_100_000, 187_200_000].map(duration)).toEqual([
      "340 ms",
      "4.2 s",
      "10 s",
      "1m 12s",
      "3h 05m",
      "2d 4h",
    ]);
    expect(wholeDuration(59_600)).toBe("1m 00s");
  });
  it("writes times from now", () => {
    const now = Date.UTC(2026, 0, 10);
    const at = (seconds: number) => ago(new Date(now - seconds * 1000), now);
    expect([at(3), at(42), at(240), at(7300), at(200_000)]).toEqual([
      "just now",
      "42 s ago",
      "4 min ago",
      "2 h ago",
      "2 d ago",
    ]);
  });
  it("keeps the digits of money that mean something, and says when there is no price", () => {
    expect(["12.3", "0.0281", "0.00002", "0", "4321.9"].map(money)).toEqual([
      "$12.30",
      "$0.028",
      "<$0.001",
      "$0.00",
      "$4,322",
    ]);
    expect(money(null)).toBe("no price");
  });
  it("adds dollars without rounding", () => {
    expect(usdOf(nanos("0.1") + nanos("0.000000001"))).toBe("0.100000001");
    expect(usdOf(nanos("12"))).toBe("12");
  });
  it("shortens counts and ids", () => {
    expect([950, 12_345, 999_999, "4100000"].map(compact)).toEqual(["950", "12.3k", "1.0M", "4.1M"]);
    expect(shortId("aex_06evx2m8t1g7q0k3n5p9r4s6wz")).toBe("aex_…4s6wz".replace("4s6wz", "r4s6wz"));
  });
});
