import { randomBytes } from "node:crypto";

/**
 * The page of a tool and its policy: scripts run by a nonce of this answer. Styles may stand in the page, for such
 * tools write style elements and attributes of their own; they run nothing, and nothing comes from another host.
 */
export function nonced(page: (nonce: string) => string, sources: readonly string[]) {
  const nonce = randomBytes(18).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    ...sources,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html: page(nonce), policy };
}
