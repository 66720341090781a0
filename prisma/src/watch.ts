import type { Socket } from "node:net";
import pg from "pg";

/** What of a connection is looked at; the driver has no other names for it. */
interface Watched {
  readonly processID: number;
  /** False from a statement's start until the server has said that it is over. */
  readonly readyForQuery: boolean;
  readonly connection: { readonly stream: Socket };
}

interface Seen {
  bytesRead: number;
  /** When it last was heard of. */
  heardAt: number;
  /** Since when it has owed an answer without a byte coming. */
  silentSince: number;
}

const LOOK_MS = 1_000;
/** An answer that takes longer is asked about. */
const SILENT_MS = 2_000;
const PROBE_MS = 2_000;

/** "unreachable": the server was not to be asked within the time. */
type Answer = "unreachable" | ReadonlySet<number>;

/**
 * Gives up connections that a network has silently dropped (half open): the driver would wait for their answers for
 * as long as the kernel does, a quarter of an hour, and the pool with it. A statement that takes long is no sign
 * of that, so the server is asked on a new connection whether it still works on it. Costs nothing while every
 * answer comes within two seconds.
 */
export function watchPool(pool: pg.Pool, url: string): void {
  const clients = new Map<Watched, Seen>();
  let asking = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async () => {
    const now = performance.now();
    for (const [client, seen] of clients) update(client, seen, now);
    const silent = [...clients].filter(([, seen]) => now - seen.silentSince > SILENT_MS);
    if (silent.length === 0 || asking) return;
    asking = true;
    const answer = await ask(
      url,
      silent.map(([client]) => client.processID),
    );
    asking = false;
    for (const [client, seen] of clients) update(client, seen, performance.now());
    giveUp(clients, new Set(silent.map(([client]) => client)), answer);
  };
  pool.on("connect", (client) => {
    const now = performance.now();
    clients.set(client as unknown as Watched, { bytesRead: 0, heardAt: now, silentSince: now });
    timer ??= setInterval(() => void look(), LOOK_MS).unref();
  });
  pool.on("remove", (client) => {
    clients.delete(client as unknown as Watched);
    if (clients.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
}

function update(client: Watched, seen: Seen, now: number): void {
  const { bytesRead } = client.connection.stream;
  if (bytesRead !== seen.bytesRead) seen.heardAt = now;
  if (bytesRead !== seen.bytesRead || client.readyForQuery) seen.silentSince = now;
  seen.bytesRead = bytesRead;
}

/**
 * With the silent ones that nobody works on go all that were not heard of since: idle ones and listeners, which
 * were dropped in the same moment and owe no answer that would tell.
 */
function giveUp(clients: ReadonlyMap<Watched, Seen>, asked: ReadonlySet<Watched>, answer: Answer): void {
  const working = (client: Watched) => answer !== "unreachable" && answer.has(client.processID);
  const silent = [...clients].filter(
    ([client, seen]) => asked.has(client) && isSilent(seen) && !working(client),
  );
  if (silent.length === 0) return;
  const since = Math.min(...silent.map(([, seen]) => seen.silentSince));
  for (const [client, seen] of clients) {
    if (seen.heardAt > since || working(client)) continue;
    client.connection.stream.destroy(new Error("Connection terminated: the server was not heard of"));
  }
}

function isSilent(seen: Seen): boolean {
  return performance.now() - seen.silentSince > SILENT_MS;
}

/** Which of the server's processes still work on a statement; one that waits for its client to read does not. */
async function ask(url: string, pids: readonly number[]): Promise<Answer> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "shiplog-watch",
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE pid = ANY($1) AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'`,
      [pids],
    );
    return new Set(rows.map((row) => row.pid));
  } catch {
    return "unreachable";
  } finally {
    client.end().catch(() => {});
  }
}
