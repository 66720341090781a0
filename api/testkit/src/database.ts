import { randomUUID } from "node:crypto";
import { createDb, type Db, type DbOptions } from "@shiplog/db";
import { withDatabase } from "@shiplog/db/url";
import { afterAll, inject } from "vitest";
import { onServer } from "./template.ts";

export interface TestDatabase {
  /** It takes no connections and ends those it has, until `false`. */
  away(gone: boolean): Promise<void>;
  /** For programs and second clients; everything connected is cut off when the file's tests are over. */
  readonly url: string;
  readonly db: Db;
  /** Runs `work` and returns the SQL statements that `db` sent meanwhile, BEGIN and COMMIT left out. */
  statements(work: () => Promise<unknown>): Promise<string[]>;
}

/**
 * A migrated database of the test file's own, dropped after its tests. Call it once at the top of the file:
 * `const database = await testDatabase();`
 */
export async function testDatabase(options: DbOptions = {}): Promise<TestDatabase> {
  const { url: serverUrl, template } = inject("testServer");
  const name = `shiplog_test_${randomUUID().replaceAll("-", "")}`;
  // Copying files takes a third less than writing all of it to the log.
  await onServer(serverUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`),
  );
  const url = withDatabase(serverUrl, name);
  const seen: string[] = [];
  const db = createDb(url, { ...options, onQuery: (sql) => seen.push(sql) });
  afterAll(async () => {
    await db.$disconnect();
    await onServer(serverUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  });
  const away = (gone: boolean) =>
    onServer(serverUrl, async (client) => {
      await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${!gone}`);
      const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`;
      if (gone) await client.query(end);
    });
  return {
    away,
    url,
    db,
    async statements(work) {
      seen.length = 0;
      await work();
      return seen.filter((sql) => !/^(BEGIN|COMMIT|ROLLBACK|DEALLOCATE)/i.test(sql));
    },
  };
}
