import { createHash, randomBytes, randomUUID } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Redactor } from "@shiplog/core";
import { ROOT } from "./structure/sources.ts";

const LOG_LINES = 55_000;

/** Clean text that is hard: this checkout's own source, which is full of words like token and key. */
export function sourceText(): string {
  const files = globSync("{api,schema,prisma,client}/**/src/**/*.ts", { cwd: ROOT });
  const own = files.filter((file) => !/node_modules|generated|redact/.test(file));
  return own.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
}

/** Lines as servers, builds and package managers write them: ids, hashes, addresses, counts of tokens. */
const LINES: readonly ((nth: number) => string)[] = [
  (nth) =>
    `{"level":"INFO","msg":"request","requestId":"${randomUUID()}","route":"/graphql","ms":${nth % 97}}`,
  (nth) =>
    `10.0.${nth % 256}.7 - - [22/Nov/2026:10:00:00 +0000] "GET /a/${nth}?page=2 HTTP/1.1" 200 ${nth} "curl/8"`,
  (nth) =>
    `##[group]Run pnpm test --shard=${nth % 8}/8 @ https://github.com/acme/shop/actions/runs/${nth}4711`,
  () => `commit ${createHash("sha1").update(randomBytes(8)).digest("hex")} Tokens are read once, keys never`,
  (nth) => `resolution: {integrity: sha512-${createHash("sha512").update(String(nth)).digest("base64")}}`,
  (nth) =>
    `usage input_tokens=${nth} cache_read_tokens: ${nth * 3}, key=prj_${String(nth).padStart(26, "0")}`,
  (nth) =>
    `docker pull registry.example.org:5000/app@sha256:${createHash("sha256").update(`${nth}`).digest("hex")}`,
  (nth) =>
    `    at Object.readToken (file:///srv/app/api/core/src/secrets.ts:${nth % 400}:17) // password: string`,
];

/** Five million characters of them. */
export function logText(): string {
  return Array.from({ length: LOG_LINES }, (_, nth) => LINES[nth % LINES.length]?.(nth) ?? "").join("\n");
}

/** Of 100 lines, so many from which something was cut. */
export function cutShare(redactor: Redactor, text: string): number {
  const lines = text.split("\n");
  return (100 * lines.filter((line) => redactor.text(line) !== line).length) / lines.length;
}
