import { test } from "vitest";
import { makeContext } from "../context.ts";
import { testDatabase } from "../database.ts";
import { compareShared } from "./sharing.ts";

const ctx = await makeContext(await testDatabase());

test("20 documents: what is made once for many is what each would get alone", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`shared results, seed ${seed}`);
  await compareShared(ctx, { covers: "all", documents: 20, seed });
});
