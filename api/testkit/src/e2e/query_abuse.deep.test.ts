import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { COSTLY_DOCUMENTS, PAGES } from "../abuse/documents.ts";
import { SMALL_HEAP, watchMemory } from "../abuse/memory.ts";
import { openRawSocket } from "../abuse/raw_socket.ts";
import { type ApiClient, signIn } from "../api.ts";
import { testDatabase } from "../database.ts";
import { cleanUp, startShiplog } from "../process.ts";

/** Requests before anything is measured: a busy machine makes few in a given time. */
const FIRST = 800;
const ATTACK_MS = 6_000;
const ATTACKERS = 8;
const MOST_GROWTH_MIB = 25;

const database = await testDatabase();
afterAll(cleanUp);

const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;

/** Statuses by how often they were answered. */
type Answers = Record<string, number>;

function post(url: string, body: string, token?: string): Promise<number> {
  const headers = {
    "content-type": "application/json",
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return fetch(`${url}/graphql`, { method: "POST", headers, body }).then(async (response) => {
    await response.arrayBuffer();
    return response.status;
  });
}

/** 24 MB are announced and begun; the answer must come before they are read. */
async function announce(url: string): Promise<number | "cut"> {
  const head = [
    "POST /graphql HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/json",
    `Content-Length: ${24 * 1024 * 1024}`,
    "\r\n",
  ].join("\r\n");
  const { ended, send } = await openRawSocket(Number(new URL(url).port), { head });
  void send(Buffer.alloc(1024 * 1024, 32));
  return ended;
}

function bodies(projectId: string): string[] {
  const costly = COSTLY_DOCUMENTS.flatMap(({ text }) => PAGES.map((page) => text(projectId, page)));
  return [
    ...costly.map((query) => JSON.stringify({ query })),
    `{"query":"{ viewer { isAdmin } }","variables":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`,
    JSON.stringify(Array(50).fill({ query: "{ viewer { isAdmin } }" })),
    `{"query":"${"a ".repeat(25_000)}"}`,
  ];
}

async function attack(
  url: string,
  asked: readonly string[],
  owner: ApiClient,
  goesOn: (at: number) => boolean,
): Promise<Answers> {
  const answers: Answers = {};
  let next = 0;
  const one = async () => {
    for (let at = next++; goesOn(at); at = next++) {
      const body = asked[at % asked.length] ?? "";
      const answer =
        at % 10 === 0 ? await announce(url) : await post(url, body, at % 3 ? owner.token : undefined);
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: ATTACKERS }, one));
  return answers;
}

it("costly documents and large bodies leave a server small, and no answer is a fault", async () => {
  const server = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_KEYS: `k1:${randomBytes(32).toString("base64")}`,
      SHIPLOG_ROLE: "server",
      ...SMALL_HEAP,
      SHIPLOG_RATE_LIMIT: "0",
    },
  });
  const owner = await signIn(server.url);
  const input = { name: "Attacked", slug: "attacked" };
  const made = await owner.graphql<{ createProject: { project: { id: string } } }>(CREATE, { input });
  const asked = bodies(made.createProject.project.id);
  // What a server grows to by being used at all is no news.
  await attack(server.url, asked, owner, (at) => at < FIRST);
  const memory = watchMemory(server.child.pid ?? 0);
  const until = performance.now() + ATTACK_MS;
  const answers = await attack(server.url, asked, owner, () => performance.now() < until);
  const growth = memory.stop();
  console.log({ answers, growthMiB: growth });
  expect(growth).toBeLessThan(MOST_GROWTH_MIB);
  expect(Object.keys(answers).filter((answer) => answer.startsWith("5"))).toEqual([]);
  expect(answers["413"]).toBeGreaterThan(0);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
});
