import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, RingKey } from "@shiplog/core";
import { unreadableKeys } from "@shiplog/core/account";
import { StartupError } from "@shiplog/db/errors";
import type { Env } from "../env.ts";
import { ring } from "./variables.ts";

/**
 * The keys that wrap stored secrets: from the environment, else from the data directory, where the first start
 * makes one. Call it while the data directory is ours (after openDatabase): two starts at once would make two.
 */
export function openKeyRing(env: Pick<Env, "keys" | "dataDir">): readonly RingKey[] {
  if (env.keys) return env.keys;
  const file = join(env.dataDir, "keys");
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  const parsed = ring.safeParse(readFileSync(file, "utf8").trim());
  if (!parsed.success || parsed.data.length === 0) {
    throw new StartupError(
      `The key file ${file} is damaged; bring it back from a backup, secrets cannot be read without it.`,
    );
  }
  return parsed.data;
}

/**
 * Throws StartupError when the ring cannot open what is stored: better no start than a process that refuses every
 * delivery and signs with keys that the others do not know.
 */
export async function assertKeys(ctx: Context): Promise<void> {
  const unreadable = await unreadableKeys(ctx);
  if (unreadable.length === 0) return;
  const lines = unreadable.map(({ keyId, table, secrets, reason }) => {
    const problem = reason === "missing" ? "lacks the key" : "has another key of the name";
    return `  it ${problem} "${keyId}" that seals ${secrets} secret(s) of ${table}`;
  });
  throw new StartupError(
    `The key ring (SHIPLOG_KEYS, or the file "keys" in the data directory) is not the one of this database:\n` +
      `${lines.join("\n")}\nKeep an old key behind the new one until all secrets are re-wrapped.`,
  );
}
