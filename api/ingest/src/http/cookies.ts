/** Where the refresh and the device cookie are sent, and nowhere else. */
export const REFRESH_PATH = "/api/v1/auth";

/** The names follow the scheme of the public URL: browsers enforce the prefixes' promises over https only. */
export interface CookieNames {
  readonly access: string;
  readonly refresh: string;
  /** Names a browser in which somebody signed in before. It proves nothing by itself. */
  readonly device: string;
  /** Ties the two ends of a sign-in at a provider to one browser. */
  readonly attempt: string;
  readonly secure: boolean;
}

/** Names of the session's cookies for a server at that URL. */
export function cookieNames(publicUrl: string): CookieNames {
  const secure = publicUrl.startsWith("https:");
  return {
    access: secure ? "__Host-shiplog_at" : "shiplog_at",
    refresh: secure ? "__Secure-shiplog_rt" : "shiplog_rt",
    device: secure ? "__Secure-shiplog_device" : "shiplog_device",
    // __Host-: a sibling host must not be able to set it, or it could sign people in as somebody else.
    attempt: secure ? "__Host-shiplog_sso" : "shiplog_sso",
    secure,
  };
}

/** The cookies of a Cookie header; the first of doubled names counts. */
export function parseCookies(header: string | null | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? "").split(";")) {
    const cut = part.indexOf("=");
    const name = part.slice(0, cut).trim();
    if (cut > 0 && !cookies.has(name)) cookies.set(name, part.slice(cut + 1).trim());
  }
  return cookies;
}
