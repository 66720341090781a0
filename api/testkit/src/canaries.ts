import { randomBytes } from "node:crypto";
import { type DbOrTx, queryRaw, raw, sql } from "@shiplog/db";

const digits = (size: number) => randomBytes(size).toString("hex").slice(0, size);
const letters = (size: number) =>
  Array.from(randomBytes(size), (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join("");
const base64url = (size: number) => randomBytes(size).toString("base64url").slice(0, size);

/** A new secret of each kind that is told by its form. */
export const KINDS: Readonly<Record<string, () => string>> = {
  github: () => `ghp_${digits(36)}`,
  "github app": () => `ghs_${digits(36)}`,
  "github fine": () => `github_pat_${digits(22)}_${digits(59)}`,
  gitlab: () => `glpat-${base64url(20)}`,
  "aws id": () => `AKIA${letters(16)}`,
  openai: () => `sk-proj-${digits(48)}`,
  "openai old": () => `sk-${digits(48)}`,
  anthropic: () => `sk-ant-api03-a${base64url(90)}`,
  slack: () => `xoxb-${digits(12)}-${digits(12)}-${digits(24)}`,
  npm: () => `npm_${digits(36)}`,
  google: () => `AIza${base64url(35)}`,
  stripe: () => `sk_live_${digits(24)}`,
  webhook: () => `whsec_${base64url(43)}`,
  jwt: () => `eyJ${digits(30)}.eyJ${digits(60)}.${base64url(43)}`,
  "hugging face": () => `hf_${letters(34)}`,
  "google secret": () => `GOCSPX-${digits(28)}`,
  "google token": () => `ya29.${base64url(120)}`,
  sendgrid: () => `SG.${base64url(22)}.${base64url(43)}`,
  pypi: () => `pypi-AgEIcHlwaS5vcmc${base64url(90)}`,
  "digital ocean": () => `dop_v1_${digits(64)}`,
  docker: () => `dckr_pat_${digits(27)}`,
  vault: () => `hvs.${base64url(90)}`,
  databricks: () => `dapi${digits(32)}`,
  linear: () => `lin_api_${digits(40)}`,
  atlassian: () => `ATATT3xFfGF0${base64url(180)}`,
  groq: () => `gsk_${digits(52)}`,
  xai: () => `xai-${digits(80)}`,
  "gitlab runner": () => `glrt-${digits(20)}`,
  "slack app": () => `xapp-1-A${digits(10)}-${digits(12)}-${digits(64)}`,
  shopify: () => `shpat_${digits(32)}`,
  telegram: () => `1234567890:AA${base64url(33)}`.replace(/[^\w]$/, "x"),
  age: () => `AGE-SECRET-KEY-1${letters(58)}`,
  replicate: () => `r8_${digits(37)}`,
  perplexity: () => `pplx-${digits(48)}`,
  "our key": () => `slk_${digits(26)}_${digits(43)}_${digits(6)}`,
  "our link": () => `pwr_${digits(26)}.${base64url(43)}`,
};

/** Texts that hold a secret, with a part of it that must be gone. */
export const PHRASES: readonly (readonly [text: string, secret: string])[] = [
  ["postgresql://app:S3cr3t-pw@db.internal:5432/app", "S3cr3t-pw"],
  ["redis://:onlypassword@cache:6379", "onlypassword"],
  ["Authorization: Bearer dGhpc2lzYXRva2Vu.abc-def_123", "dGhpc2lzYXRva2Vu.abc-def_123"],
  ["authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpwYXNzd29yZDEyMw"],
  ["PGPASSWORD=hunter2! psql", "hunter2"],
  ['{"password":"correct-horse"}', "correct-horse"],
  ["?password=letmein99&x=1", "letmein99"],
  ["AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"],
  ["client_secret: 'a1b2c3d4e5f6a7b8c9d0'", "a1b2c3d4e5f6a7b8c9d0"],
  [`-----BEGIN RSA PRIVATE KEY-----\n${base64url(64)}\n-----END RSA PRIVATE KEY-----`, "BEGIN RSA"],
  [
    "DefaultEndpoints;AccountKey=6hB0s9dKq2vFzT1xN4mP7wYcR3jL8uE5aG0iO9kS2dVfH6bQ1tXnM4pZ7wJcA==;",
    "6hB0s9dKq2vF",
  ],
  ["https://x.blob.example/c?sv=2024&sig=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6%3D", "Zm9vYmFy"],
  ["Cookie: theme=dark-and-large; sid=s3ss10nOfSomebody", "s3ss10nOfSomebody"],
  ["curl -u admin:s3cretw0rd https://example.org", "s3cretw0rd"],
  ["machine github.com login me password s3cretw0rd", "s3cretw0rd"],
  ["password: s3cretw0rdOf1", "s3cretw0rdOf1"],
  ["Authorization: token 0123456789abcdef0123456789abcdef01234567", "0123456789abcdef"],
  ["SECRET_KEY_BASE=0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c4b5a"],
  ["https://discord.com/api/webhooks/123456789012345678/aB3-cD4_eF5gH6iJ7kL8mN9oP0", "aB3-cD4_eF5g"],
  ['"-----BEGIN PRIVATE KEY-----\\nMIIEvQ==\\n-----END PRIVATE KEY-----\\n"', "MIIEvQ"],
];

/** A secret as programs write it down. */
export function written(secret: string): string[] {
  const around = Buffer.from(`x${secret}y`);
  return [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    around.toString("hex"),
    around.toString("base64"),
    around.toString("base64url"),
  ];
}

/** Every value of every column that can hold text, of ours and of the job queue, by table and column. */
export async function dumpTexts(db: DbOrTx): Promise<Record<string, string>> {
  const columns = await queryRaw<{ schema: string; table: string; column: string; type: string }>(
    db,
    sql`SELECT c.table_schema AS schema, c.table_name AS "table", c.column_name AS "column", c.data_type AS type
        FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema IN ('public', 'graphile_worker') AND t.table_type = 'BASE TABLE'
          AND c.data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying', 'inet')`,
  );
  const texts: Record<string, string> = {};
  for (const { schema, table, column, type } of columns) {
    const value = type === "bytea" ? `encode("${column}", 'escape')` : `"${column}"::text`;
    const rows = await queryRaw<{ value: string | null }>(
      db,
      sql`SELECT ${raw(value)} AS value FROM ${raw(`"${schema}"."${table}"`)}`,
    );
    texts[`${table}.${column}`] = rows.map((row) => row.value ?? "").join("\n");
  }
  return texts;
}
