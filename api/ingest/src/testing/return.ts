import type { RestClient } from "./rest.ts";

/** The `name=value` of a Set-Cookie line. */
export function pairOf(line = ""): string {
  return line.slice(0, line.indexOf(";"));
}

/** A browser with this cookie comes back from a provider. */
export async function comeBack(client: RestClient, path: string, cookie: string) {
  const { status, headers, cookies } = await client.get(path, { cookie });
  return { status, location: headers.get("location"), cookies };
}
