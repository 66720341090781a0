import { defineConfig } from "prisma/config";

// For Prisma's own tools, e.g. `prisma migrate deploy` against DATABASE_URL; Shiplog migrates at start by itself.
export default defineConfig({
  schema: "schema",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
