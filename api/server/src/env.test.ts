import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "@shiplog/db/errors";
import { expect, test } from "vitest";
import { ENV_NAMES, parseEnv, ROOT, unknownVariables } from "./env.ts";

const KEY = Buffer.alloc(32, 1).toString("base64");

function problems(source: Record<string, string>): string[] {
  try {
    parseEnv(source);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

test("an empty environment is enough, and empty variables count as unset", () => {
  const empty = Object.fromEntries(ENV_NAMES.map((name) => [name, ""]));
  const env = parseEnv({});
  expect(parseEnv(empty)).toEqual(env);
  expect(env).toMatchObject({
    port: 4000,
    host: "127.0.0.1",
    role: "all",
    dataDir: join(ROOT, ".shiplog"),
    demo: true,
    leaseMs: 15_000,
    externalSilenceMs: 900_000,
    rateLimit: 100,
    socketsPerUser: 50,
    workspaces: [ROOT],
    allowedOrigins: [],
    keys: undefined,
    admin: { email: undefined, password: undefined },
  });
});

test("a full environment is read", () => {
  const env = parseEnv({
    PORT: "0",
    DATABASE_URL: "postgres://u:p@db:5432/shiplog",
    SHIPLOG_KEYS: `new:${KEY},old:${KEY}`,
    SHIPLOG_ROLE: "server",
    SHIPLOG_PUBLIC_URL: "https://shiplog.example.com/",
    SHIPLOG_ALLOWED_ORIGINS: "https://a.example.com, http://localhost:3000",
    SHIPLOG_ADMIN_EMAIL: "a@example.com",
    SHIPLOG_ADMIN_PASSWORD: "long enough",
    SHIPLOG_LEASE_SECONDS: "1.5",
    SHIPLOG_WORKSPACES: "/srv/a:/srv/b",
  });
  expect(env).toMatchObject({
    port: 0,
    publicUrl: "https://shiplog.example.com",
    allowedOrigins: ["https://a.example.com", "http://localhost:3000"],
    admin: { email: "a@example.com", password: "long enough" },
    demo: false,
    leaseMs: 1_500,
    workspaces: ["/srv/a", "/srv/b"],
  });
  expect(env.keys?.map(({ id, key }) => [id, key.length])).toEqual([
    ["new", 32],
    ["old", 32],
  ]);
});

test("every problem is told at once, each with its variable", () => {
  expect(
    problems({
      PORT: "70000",
      DATABASE_URL: "mysql://db/shiplog",
      REDIS_URL: "localhost:6379",
      SHIPLOG_ROLE: "both",
      SHIPLOG_PUBLIC_URL: "shiplog.example.com",
      SHIPLOG_ALLOWED_ORIGINS: "https://a.example.com/path",
      SHIPLOG_DEMO: "yes",
      SHIPLOG_ADMIN_EMAIL: "nobody",
    }),
  ).toEqual([
    "PORT must be a number from 0 to 65535",
    "DATABASE_URL must be a URL that begins with postgresql://",
    "REDIS_URL must be a URL that begins with redis:// or rediss://",
    'SHIPLOG_ROLE must be "all", "server" or "worker"',
    "SHIPLOG_PUBLIC_URL must be a URL that begins with http:// or https://",
    "SHIPLOG_ALLOWED_ORIGINS must be a comma-separated list of origins such as https://portal.example.com (no path, no trailing slash)",
    "SHIPLOG_ADMIN_EMAIL must be an e-mail address",
    "SHIPLOG_DEMO must be 0 or 1",
    expect.stringMatching(/^SHIPLOG_KEYS is required with DATABASE_URL/),
  ]);
});

test("variables that need each other are checked together", () => {
  expect(problems({ DATABASE_URL: "postgres://db/shiplog" })).toEqual([
    expect.stringMatching(/^SHIPLOG_KEYS is required with DATABASE_URL/),
  ]);
  expect(problems({ SHIPLOG_ROLE: "worker" })).toEqual([
    expect.stringMatching(/^DATABASE_URL is required with SHIPLOG_ROLE=worker/),
  ]);
  expect(problems({ SHIPLOG_KEYS: "k1:tooshort" })).toEqual([
    "SHIPLOG_KEYS must be a comma-separated list of id:base64, each key of 32 bytes",
  ]);
  expect(problems({ SHIPLOG_KEYS: `k1:${KEY},k1:${KEY}` })).toEqual(["SHIPLOG_KEYS names the key k1 twice"]);
});

test("a misspelt variable is noticed", () => {
  const source = { PATH: "/bin", SHIPLOG_DEMO: "1", SHIPLOG_DEEP: "1", SHIPLOG_DATADIR: "x" };
  expect(unknownVariables(source)).toEqual(["SHIPLOG_DATADIR"]);
});

test(".env.example names every variable, and no other", () => {
  const text = readFileSync(join(ROOT, ".env.example"), "utf8");
  const named = [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  expect(named.toSorted()).toEqual([...ENV_NAMES].toSorted());
});
