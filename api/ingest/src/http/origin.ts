/** The part of Headers that is read, so that plain Node headers can be passed as well. */
export interface HeaderReader {
  get(name: string): string | null | undefined;
}

/**
 * own: from a page of this server, or typed by the person; allowed: from an origin on the list; none: not from a
 * browser's page as far as the headers tell; foreign: from anywhere else.
 */
export type OriginVerdict = "own" | "allowed" | "none" | "foreign";

/** What a page of an allowed origin may read of our answers. */
export const EXPOSED_HEADERS = [
  "x-request-id",
  "ratelimit-limit",
  "ratelimit-remaining",
  "ratelimit-reset",
  "ratelimit-policy",
  "retry-after",
];

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The server's own origins: the public URL's, and its other spellings when it is a loopback address. */
export function ownOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!LOOPBACK.includes(url.hostname)) return [url.origin];
  return LOOPBACK.map((host) => `${url.protocol}//${host}${url.port && `:${url.port}`}`);
}

/**
 * Where a request comes from, by Sec-Fetch-Site and, where the browser does not send it (plain http off
 * loopback), by Origin. A request with a cookie that changes something, and every socket opened with a cookie,
 * needs `own` or `allowed`; any other may also be `none`.
 */
export function checkOrigin(
  headers: HeaderReader,
  publicUrl: string,
  allowed: readonly string[] = [],
): OriginVerdict {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin && ownOrigins(publicUrl).includes(origin)) return "own";
  if (origin && allowed.includes(origin)) return "allowed";
  if (site === "same-origin" || site === "none") return "own";
  return origin || site ? "foreign" : "none";
}

/** Whether a request from there may change something or open a socket. */
export function originPermits(verdict: OriginVerdict, withCookie: boolean): boolean {
  switch (verdict) {
    case "own":
    case "allowed":
      return true;
    case "none":
      return !withCookie;
    case "foreign":
      return false;
  }
}
