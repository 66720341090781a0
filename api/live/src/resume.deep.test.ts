import { makeContext } from "@shiplog/testkit/context";
import { testDatabase } from "@shiplog/testkit/database";
import { afterAll, test } from "vitest";
import { killAtRandom } from "./testing/kill.ts";
import { startLiveServer } from "./testing/server.ts";

const database = await testDatabase();
const ctx = await makeContext(database);
const server = await startLiveServer(ctx);
afterAll(() => server.stop());

test("1,000 random socket kills over 10,000 events: nothing lost, nothing doubled, order kept", () =>
  killAtRandom(ctx, server, { events: 10_000, kills: 1_000, followers: 5, seed: Date.now() % 1_000_000 }));
