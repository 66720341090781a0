import { writeMigration } from "../diff.ts";

const name = process.argv[2]
  ?.trim()
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, "_");
if (!name) {
  console.error("usage: pnpm db:diff NAME   (writes prisma/migrations/<time>_<name>/migration.sql)");
  process.exit(1);
}
const file = await writeMigration(name, new Date());
console.log(
  file ? `wrote ${file}; read it before you commit it` : "the migrations already say what the schema says",
);
