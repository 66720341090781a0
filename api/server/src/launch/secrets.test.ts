import { randomBytes } from "node:crypto";
import { createRedactor } from "@shiplog/core";
import { expect, test } from "vitest";
import { ENV_NAMES, parseEnv } from "../env.ts";
import { secretsOf } from "./secrets.ts";

const key = randomBytes(32).toString("base64");
const secret = (name: string) => `${name} pass/word+${randomBytes(6).toString("hex")}`;
const url = (scheme: string, password: string) =>
  `${scheme}://somebody:${encodeURIComponent(password)}@host.example/x`;

/** Of every variable that holds a secret: what it is set to, and the secret in it. */
const HOLDING: Readonly<Record<string, readonly [value: string, secret: string]>> = {
  SHIPLOG_KEYS: [`k1:${key}`, key],
  ...Object.fromEntries(
    (
      [
        ["DATABASE_URL", "postgresql"],
        ["SHIPLOG_MIGRATION_URL", "postgresql"],
        ["REDIS_URL", "redis"],
        ["SHIPLOG_SMTP_URL", "smtp"],
      ] as const
    ).map(([name, scheme]) => {
      const password = secret(name);
      return [name, [url(scheme, password), password]];
    }),
  ),
  ...Object.fromEntries(
    [
      ...["SHIPLOG_METRICS_TOKEN", "SHIPLOG_ADMIN_PASSWORD", "SHIPLOG_OIDC_CLIENT_SECRET"],
      ...["SHIPLOG_GITHUB_CLIENT_SECRET", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN"],
    ].map((name) => {
      const value = secret(name);
      return [name, [value, value]];
    }),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: ["x-tenant=a,authorization=Basic%20c29tZWJvZHk6cGFzcw", "c29tZWJvZHk6cGFzcw"],
};

const REST = {
  SHIPLOG_MAIL_FROM: "a@example.org",
  SHIPLOG_OIDC_ISSUER: "https://login.example",
  SHIPLOG_OIDC_CLIENT_ID: "shiplog",
  SHIPLOG_GITHUB_CLIENT_ID: "shiplog",
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://traces.example",
};

test("every variable that holds a secret is known for it", () => {
  const telling = ENV_NAMES.filter((name) =>
    /KEYS?$|TOKEN|SECRET|PASSWORD|HEADERS|(DATABASE|REDIS|MIGRATION|SMTP)_URL/.test(name),
  );
  expect(Object.keys(HOLDING).toSorted()).toEqual(telling.toSorted());
  const values = Object.fromEntries(Object.entries(HOLDING).map(([name, [value]]) => [name, value]));
  const env = parseEnv({ ...values, ...REST });
  const redactor = createRedactor(secretsOf(env));
  for (const [name, [value, hidden]] of Object.entries(HOLDING)) {
    expect(redactor.text(`it is ${hidden} there`), name).toBe("it is [redacted] there");
    expect(redactor.text(value), name).not.toContain(hidden);
  }
});

test("so are keys that were made here, and a password that is not encoded as it should be", () => {
  const made = randomBytes(32);
  expect(secretsOf(parseEnv({}), [{ id: "k1", key: made }])).toEqual([made.toString("base64")]);
  const odd = parseEnv({ REDIS_URL: "redis://:100%25-%zz-odd@host" });
  expect(secretsOf(odd)).toEqual(["100%25-%zz-odd"]);
});
