import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { principalOf } from "@shiplog/core";
import { mayInstance } from "@shiplog/core/account";
import type { Credential } from "@shiplog/live";
import type { Env } from "../env.ts";

/** The documents of the built dashboard, which it names by their hashes; none while it is not built. */
export async function trustedDocuments(dashboard: string): Promise<string[]> {
  const text = await readFile(join(dashboard, "documents.json"), "utf8").catch(() => "{}");
  return Object.values(JSON.parse(text) as Record<string, string>);
}

/**
 * Whether a caller may send a text of his own, by SHIPLOG_ADHOC_GRAPHQL. A key is made for just that; a
 * stream token counts as whoever made it.
 */
export function mayAdHoc(setting: Env["adHocGraphQL"], credential: Credential | null): boolean {
  if (setting === "anyone") return true;
  const principal = credential && principalOf(credential.actor);
  if (principal?.type !== "user") return principal !== null;
  switch (setting) {
    case "members":
      return true;
    case "administrators":
      return mayInstance(principal, "graphql.ad_hoc");
    case "keys":
      return false;
  }
}
