const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux": a guess from what a program calls itself; what is no browser by its own word. */
export function device(userAgent: string | null | undefined): string {
  if (!userAgent) return "Unknown program";
  const find = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = /^Mozilla\//.test(userAgent) ? find(BROWSERS) : undefined;
  if (!browser) return userAgent.slice(0, 60);
  const system = find(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}

/** How somebody proved who he is, in words. */
export function providerName(method: string): string {
  if (method === "password") return "Password";
  if (method.startsWith("github")) return "GitHub";
  if (method.startsWith("oidc")) return "Single sign-on";
  return method;
}
