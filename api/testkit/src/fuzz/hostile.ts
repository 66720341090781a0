const LONG = "9".repeat(400);

/** What PostgreSQL stores in no text, what is no text at all, and what is taken for something else. */
const TEXTS: readonly unknown[] = [
  ...[
    "",
    "\0",
    "a\0b",
    "\ud800",
    "a\udc00b",
    "\u{10ffff}",
    "\u202e\r\nX: y",
    "__proto__",
    "%00",
    "NaN",
    LONG,
  ],
  "a".repeat(20_000),
];

/** JSON whose names are those of every object, as a parser leaves them. */
const POLLUTING: unknown = JSON.parse(
  '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}',
);

/** Values that an argument of a scalar type may not break anything with: at the ends of its range, beyond, and of other types. */
export const HOSTILE: Readonly<Record<string, readonly unknown[]>> = {
  ID: TEXTS,
  String: TEXTS,
  Int: [-1, 0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 1.5, 1e308, "1", null],
  Float: [-1, 0, 1e308, -1e308, 5e-324, "1", null],
  Boolean: [0, "true", null],
  BigInt: [
    ...["0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775809", LONG, "\0"],
    ...[2 ** 53, 1.5, null],
  ],
  USD: ["0", "-1", "999999999999999.999999999", "9223372036.854775808", "1e9", LONG, "\0", 1e300, null],
  DateTime: [
    ...[
      "0001-01-01T00:00:00Z",
      "0001-01-01T00:00:00+23:59",
      "0000-12-31T23:59:59Z",
      "9999-12-31T23:59:59.999Z",
    ],
    ...["9999-12-31T23:59:59.999-23:59", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "\0"],
    ...[0, null],
  ],
  JSON: [
    ...[null, "\0", "\ud800", { "a\0": "\0" }, { "\ud800": ["\udc00"] }, POLLUTING, 1e308, -0, LONG],
    ...[{ toJSON: "x", length: 1e9 }, "a".repeat(400_000)],
  ],
};
