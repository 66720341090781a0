import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchMemory } from "../abuse/memory.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, OWNER, type RunningShiplog, startShiplog } from "../process.ts";

const FLOOD = 600;
const PAIRS = { atLeast: 25, atMost: 250 };
/** Two hashes at a time are 38 MiB, the rest is the requests themselves; all hashes at once would be 11 GiB. */
const MOST_GROWTH_MIB = 150;

const database = await testDatabase();
let server: RunningShiplog;
let sent = 0;

beforeAll(async () => {
  server = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SHIPLOG_ROLE: "server",
      SHIPLOG_RATE_LIMIT: "0",
      SHIPLOG_TRUSTED_PROXIES: "127.0.0.1",
    },
  });
}, 120_000);
afterAll(cleanUp);

/** A sign-in from an address of its own, so that nobody's earlier guesses slow it down. */
async function logIn(email: string, password: string) {
  const address = `10.${(++sent >> 16) & 255}.${(sent >> 8) & 255}.${sent & 255}`;
  const began = performance.now();
  const response = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify({ email, password }),
  });
  await response.arrayBuffer();
  const retry = response.headers.get("retry-after");
  return { status: response.status, retry, ms: performance.now() - began };
}

const nobody = () => `${randomBytes(8).toString("hex")}@example.org`;

it("a flood of sign-ins is no flood of memory: what would wait too long is refused, the rest is answered", async () => {
  expect((await logIn(OWNER.email, OWNER.password)).status).toBe(200);
  const flood = () => Promise.all(Array.from({ length: FLOOD }, () => logIn(nobody(), "a guess at it")));
  // The first makes V8's heap grow for good.
  await flood();
  const memory = watchMemory(server.child.pid ?? 0);
  const answers = await flood();
  const growth = memory.stop();
  const of = (status: number) => answers.filter((answer) => answer.status === status);
  console.log({ looked: of(401).length, refused: of(503).length, growthMiB: growth });
  expect(of(401).length + of(503).length).toBe(FLOOD);
  expect(of(401).length).toBeGreaterThanOrEqual(64);
  expect(of(503).length).toBeGreaterThan(0);
  expect(new Set(of(503).map(({ retry }) => retry))).toEqual(new Set(["2"]));
  expect(growth).toBeLessThan(MOST_GROWTH_MIB);
  expect((await logIn(OWNER.email, OWNER.password)).status).toBe(200);
  expect(server.output()).not.toMatch(/"level":"(ERROR|CRITICAL)"/);
}, 120_000);

it("the time of a refusal does not tell whether anybody has the address", async () => {
  // What else runs on the machine makes some of them longer, and none shorter: the shortest of enough tell.
  const shortest = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
  const differ = () =>
    Math.max(shortest.known, shortest.unknown) / Math.min(shortest.known, shortest.unknown);
  for (let pair = 0; pair < PAIRS.atMost && (pair < PAIRS.atLeast || differ() >= 1.5); pair++) {
    for (const [who, email] of [
      ["known", OWNER.email],
      ["unknown", nobody()],
    ] as const) {
      const { status, ms } = await logIn(email, "a guess at it");
      expect(status).toBe(401);
      shortest[who] = Math.min(shortest[who], ms);
    }
  }
  console.log(shortest);
  // A hash is nearly all of it: without one the answer would come in a fraction of the time.
  expect(differ()).toBeLessThan(1.5);
}, 120_000);
