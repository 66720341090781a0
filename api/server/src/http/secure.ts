/** For answers that are no page: nothing in them is to be run or shown in a frame. */
const NO_PAGE = "default-src 'none'; frame-ancestors 'none'";

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
  "content-security-policy": NO_PAGE,
} as const;

const TWO_YEARS_S = 63_072_000;

/** The headers that every answer has, unless it brings its own; over https browsers are told to stay there. */
export function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  if (!publicUrl.startsWith("https:")) return HEADERS;
  return { ...HEADERS, "strict-transport-security": `max-age=${TWO_YEARS_S}` };
}

/** The answer with those headers that it lacks. */
export function secured(response: Response, headers: Readonly<Record<string, string>>): Response {
  const missing = Object.entries(headers).filter(([name]) => !response.headers.has(name));
  for (const [name, value] of missing) response.headers.set(name, value);
  return response;
}
