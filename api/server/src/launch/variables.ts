import type { RingKey } from "@shiplog/core";
import { z } from "zod";
import { LOG_LEVELS, type LogLevel } from "../telemetry/levels.ts";

// Messages complete a sentence that begins with the variable's name.

export const optional = z.string().optional();

export function number(min: number, max: number, fallback: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max && (max !== 65_535 || Number.isInteger(value)), message)
    .default(fallback);
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  ...Object.fromEntries(LOG_LEVELS.map((level) => [level, level])),
  warn: "warning",
};

/** In any case; the short form that many know is taken too. */
export const logLevel = z
  .string()
  .default("warning")
  .transform((text, context): LogLevel => {
    const level = LEVELS[text.toLowerCase()];
    if (level) return level;
    context.addIssue(`must be ${LOG_LEVELS.slice(0, -1).join(", ")} or silent`);
    return z.NEVER;
  });

export const flag = z.enum(["0", "1"], { error: "must be 0 or 1" }).transform((value) => value === "1");

export function list(separator: string) {
  return z
    .string()
    .transform((text) => text.split(separator).map((item) => item.trim()))
    .transform((items) => items.filter((item) => item !== ""))
    .default([]);
}

function parseUrl(text: string, protocols: readonly string[]): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && protocols.includes(url.protocol) ? url : null;
}

const WEB = ["http:", "https:"];

/** Without a trailing slash. */
export const httpUrl = z
  .string()
  .refine((text) => parseUrl(text, WEB), "must be a URL that begins with http:// or https://")
  .transform((text) => text.replace(/\/+$/, ""));

/** As it is: an issuer's trailing slash is part of its name. Secrets go there, so plain http is for this machine. */
export const providerUrl = z.string().refine((text) => {
  const url = parseUrl(text, WEB);
  return url?.protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(url?.hostname ?? "");
}, "must be a URL that begins with https:// (http:// for this machine only)");

export const providerNames = list(",").pipe(
  z.array(z.enum(["oidc", "github"], { error: "must be a comma-separated list of oidc and github" })),
);

export const postgresUrl = z
  .string()
  .refine(
    (text) => parseUrl(text, ["postgres:", "postgresql:"]),
    "must be a URL that begins with postgresql://",
  );

export const redisUrl = z
  .string()
  .refine(
    (text) => parseUrl(text, ["redis:", "rediss:"]),
    "must be a URL that begins with redis:// or rediss://",
  );

export const smtpUrl = z
  .string()
  .refine(
    (text) => parseUrl(text, ["smtp:", "smtps:"])?.hostname,
    "must be a URL that begins with smtp:// or smtps://",
  );

export const origins = list(",").refine(
  (items) => items.every((item) => parseUrl(item, WEB)?.origin === item),
  "must be a comma-separated list of origins such as https://portal.example.com (no path, no trailing slash)",
);

const KEY = /^([A-Za-z0-9_.-]{1,64}):([A-Za-z0-9+/_-]{43}=?)$/;

/** "id:base64[,id:base64…]": the first key seals, all of them open. */
export const ring = z.string().transform((text, context): RingKey[] => {
  const keys: RingKey[] = [];
  for (const part of text.split(/[,\s]+/).filter(Boolean)) {
    const [, id = "", encoded = ""] = KEY.exec(part) ?? [];
    if (!id) context.addIssue("must be a comma-separated list of id:base64, each key of 32 bytes");
    else if (keys.some((key) => key.id === id)) context.addIssue(`names the key ${id} twice`);
    else keys.push({ id, key: Buffer.from(encoded, "base64") });
  }
  return keys;
});
