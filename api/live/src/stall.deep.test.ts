import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, test } from "vitest";
import { startLiveServer } from "./testing/server.ts";
import { stallReaders } from "./testing/stall.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx, { limits: { stallMs: 3_600_000 } });
afterAll(() => server.stop());

test("4 stalled readers with 20 MB behind each: memory stays flat, nothing is lost", () =>
  stallReaders(ctx, server, { events: 2_600, stalled: 4 }));
