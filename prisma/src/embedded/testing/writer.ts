import pg from "pg";
import { startEmbedded } from "../start.ts";

// A program on an embedded database: prints what happened, one JSON per line; ends in order on SIGTERM.
const say = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
const log = { info() {}, warn() {}, error() {} };

const [dataDir = ""] = process.argv.slice(2);
try {
  const server = await startEmbedded({ dataDir, log });
  let stopping = false;
  process.on("SIGTERM", () => {
    stopping = true;
  });
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on("error", () => {});
  const query = (sql: string) => pool.query<{ id: number }>(sql);
  await query("CREATE TABLE IF NOT EXISTS written (id serial PRIMARY KEY)");
  say({ started: process.pid, url: server.url, uid: process.getuid?.() });
  while (!stopping) {
    // A failed insert is not acknowledged; the database comes back and the next one may pass.
    const result = await query("INSERT INTO written DEFAULT VALUES RETURNING id").catch(() => null);
    if (result) say({ acknowledged: result.rows[0]?.id });
    else await new Promise((done) => setTimeout(done, 20));
  }
  await pool.end();
  await server.stop();
  say({ stopped: true });
} catch (error) {
  say({ failed: (error as Error).message, name: (error as Error).name });
  process.exitCode = 1;
}
