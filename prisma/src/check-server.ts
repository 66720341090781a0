import pg from "pg";
import { StartupError } from "./errors.ts";

const OLDEST = 15;
/** A server that is just coming up refuses at first. */
const PATIENCE_MS = 5_000;
/** Refused, reset, no answer of the name server; "cannot connect now". */
const COMING_UP = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "57P03"]);

/** The version of a server that is not ours, e.g. "15.6"; otherwise says what is wrong with DATABASE_URL. */
export async function checkServer(url: string, patienceMs = PATIENCE_MS): Promise<string> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await readVersion(url);
    } catch (error) {
      if (error instanceof StartupError) throw error;
      const { code = "", message } = error as Error & { code?: string };
      if (performance.now() > end || !COMING_UP.has(code)) throw explain(url, message || code, error);
      await new Promise((done) => setTimeout(done, 200));
    }
  }
}

async function readVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    const version = rows[0]?.server_version.split(" ")[0] ?? "";
    if (Number.parseInt(version, 10) >= OLDEST) return version;
    throw new StartupError(
      `Shiplog needs PostgreSQL ${OLDEST} or newer; DATABASE_URL leads to PostgreSQL ${version}.`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Names the place without the user's password. */
function explain(url: string, reason: string, cause: unknown): StartupError {
  const { hostname, port, pathname } = new URL(url);
  const place = `${hostname}:${port || 5432}${pathname}`;
  return new StartupError(`Cannot use the database of DATABASE_URL (${place}): ${reason}`, { cause });
}
