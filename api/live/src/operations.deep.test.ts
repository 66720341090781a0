import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { test } from "vitest";
import { beginAndEnd } from "./testing/cycles.ts";
import { startLiveServer } from "./testing/server.ts";

const ctx = await makeContext(await testDatabase());

test("10,000 operations that are over leave nothing behind", async () => {
  const server = await startLiveServer(ctx, { limits: { messagesPerTenSeconds: Number.POSITIVE_INFINITY } });
  await beginAndEnd(ctx, server, 10_000);
  await server.stop();
});
