import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { testDatabase } from "@shiplog/testkit/database";
import { expect, test } from "vitest";
import { readMigrations } from "./migrations.ts";
import { loadEngine, migrationList } from "./schema-engine.ts";

const database = await testDatabase();
const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n';

/** `prisma migrate deploy` is these two calls of Prisma's engine. */
test("prisma migrate deploy agrees with what our migrator recorded", async () => {
  const { SchemaEngine } = await loadEngine();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(database.url));
  using engine = await SchemaEngine.new({ datamodels: [["schema.prisma", DATASOURCE]] }, () => {}, adapter);
  const filters = { externalTables: [], externalEnums: [] };
  const ours = await readMigrations();
  const migrationsList = migrationList(ours);

  expect(
    await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters }),
  ).toMatchObject({ editedMigrationNames: [], failedMigrationNames: [], hasMigrationsTable: true });
  expect(await engine.applyMigrations({ migrationsList, filters })).toEqual({ appliedMigrationNames: [] });

  const next = { name: "29990101000000_next", sql: "SELECT 1;", checksum: "" };
  const longer = migrationList([...ours, next]);
  expect(await engine.applyMigrations({ migrationsList: longer, filters })).toEqual({
    appliedMigrationNames: [next.name],
  });
});
