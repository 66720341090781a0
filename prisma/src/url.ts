/**
 * The connection string with every session set to UTC. The driver adapter drops the offset of a `timestamptz`,
 * so any other session time zone would shift every time that is read.
 */
export function utcUrl(connectionString: string): string {
  const url = new URL(connectionString);
  const options = url.searchParams.get("options");
  url.searchParams.set("options", [options, "-c TimeZone=UTC"].filter(Boolean).join(" "));
  return url.href;
}

/** The same server, another database. */
export function withDatabase(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
