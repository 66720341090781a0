import { drift, writeMigration } from "../diff.ts";

const [argument = ""] = process.argv.slice(2);
const name = argument.toLowerCase().replace(/[^a-z0-9]+/g, "_");

if (argument === "--check") {
  const missing = await drift();
  if (missing) console.error(`The migrations lack this; write it with "pnpm db:diff NAME":\n${missing}`);
  process.exitCode = missing ? 1 : 0;
} else if (/[a-z0-9]/.test(name)) {
  const file = await writeMigration(name, new Date());
  console.log(
    file ? `wrote ${file}; read it before you commit it` : "the migrations say what the schema says",
  );
} else {
  console.error("usage: pnpm db:diff NAME   (writes prisma/migrations/<time>_<name>/migration.sql)");
  process.exitCode = 1;
}
