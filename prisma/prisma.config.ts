import { defineConfig, env } from "prisma/config";

// For Prisma's own tools, e.g. `prisma migrate deploy`; Shiplog migrates at start by itself.
export default defineConfig({
  schema: "schema",
  migrations: { path: "migrations" },
  datasource: {
    // Read on demand: generating the client needs no database.
    get url() {
      return env("DATABASE_URL");
    },
  },
});
