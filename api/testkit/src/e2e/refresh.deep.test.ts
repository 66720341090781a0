import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { testDatabase } from "../database.ts";
import { cleanUp, OWNER, type RunningShiplog, startShiplog } from "../process.ts";

const database = await testDatabase();
afterAll(cleanUp);

const ROUNDS = 200;
const CONCURRENT = 64;

interface Answer {
  readonly status: number;
  readonly token: string | null;
}

async function post(server: RunningShiplog, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${server.url}/api/v1/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { data } = (await response.json()) as { data: { refreshToken: string } | null };
  return { status: response.status, token: data?.refreshToken ?? null };
}

it("64 redemptions at once, 200 times, over two servers: one successor each; a copy ends its family only", {
  timeout: 400_000,
}, async () => {
  const env = {
    DATABASE_URL: database.url,
    SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
    SHIPLOG_ROLE: "server",
    SHIPLOG_RATE_LIMIT: "0",
  };
  const [one, two] = await Promise.all([startShiplog({ env }), startShiplog({ env })]);
  const first = (await post(one, "login", OWNER)).token ?? "";
  const other = (await post(two, "login", OWNER)).token ?? "";
  const began = performance.now();
  let current = first;
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await Promise.all(
      Array.from({ length: CONCURRENT }, (_, n) =>
        post(n % 2 === 0 ? one : two, "refresh", { refreshToken: current }),
      ),
    );
    expect([round, new Set(answers.map((answer) => answer.status))]).toEqual([round, new Set([200])]);
    const successors = new Set(answers.map((answer) => answer.token));
    expect([round, successors.size]).toEqual([round, 1]);
    const [next = null] = successors;
    expect(next).not.toBe(current);
    current = next ?? "";
  }
  const redeemed = { refreshTokens: { some: { usedAt: { not: null } } } };
  expect(await database.db.refreshToken.count({ where: { session: redeemed } })).toBe(ROUNDS + 1);
  // The first token was used in the first round, longer ago than the grace.
  expect(performance.now() - began).toBeGreaterThan(10_000);
  expect((await post(two, "refresh", { refreshToken: first })).status).toBe(401);
  expect((await post(one, "refresh", { refreshToken: current })).status).toBe(401);
  expect((await post(one, "refresh", { refreshToken: other })).status).toBe(200);
  const entries = await database.db.auditEntry.findMany({ where: { action: "session.reuse" } });
  expect(entries).toMatchObject([{ outcome: "refused", targetType: "Session" }]);
});
