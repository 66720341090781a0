import { type Context, createPgBus, SYSTEM, type UserActor } from "@shiplog/core";
import { createSession, createUser, type Role, refreshSession } from "@shiplog/core/account";
import { finishAgentExecution } from "@shiplog/core/agent";
import { type Story, seedStory } from "@shiplog/core/live/testing";
import { makeContext } from "@shiplog/testkit/context";
import { type TestDatabase, testDatabase } from "@shiplog/testkit/database";
import { cleanUp, startShiplog } from "@shiplog/testkit/process";
import { startProxy, type TcpProxy } from "@shiplog/testkit/proxy";
import { afterAll } from "vitest";

/** The product as its own process on a real PostgreSQL, and a second process's view of the same data: the test's. */
export interface World {
  readonly database: TestDatabase;
  /** Writes to the same database; the server hears of it through PostgreSQL. */
  readonly ctx: Context;
  /** The GraphQL endpoint of the server. */
  readonly url: string;
  /** A network in front of the server of the test's own, to be cut; closed with the world. */
  network(): Promise<Network>;
  story(): Promise<ContractStory>;
}

interface Network {
  /** The GraphQL endpoint behind it. */
  readonly url: string;
  readonly proxy: TcpProxy;
}

/** A signed-in person and how the access token is renewed. */
interface Reader {
  readonly actor: UserActor;
  readonly token: string;
  readonly cookie: string;
  /** A new access token of the same session. */
  renew(): Promise<string>;
}

export interface ContractStory extends Story {
  /** A member with a session; `lifeMs`: how long the access token is good for. */
  reader(options?: { readonly lifeMs?: number; readonly role?: Role }): Promise<Reader>;
  /** Ends the run through its state machine: the terminal event is the last of the stream. */
  finish(): Promise<void>;
}

const RING_KEY = Buffer.alloc(32, 7);
const ACCESS_MS = 15 * 60_000;
const PASSWORD = "a password for tests";

/** Call it once at the top of a test file. */
export async function openWorld(): Promise<World> {
  const database = await testDatabase();
  const bus = createPgBus({ url: database.url });
  await bus.ready;
  const ctx = await makeContext(database, { bus });
  const shiplog = await startShiplog({
    env: {
      DATABASE_URL: database.url,
      SHIPLOG_ROLE: "server",
      SHIPLOG_RATE_LIMIT: "0",
      SHIPLOG_KEYS: `test:${RING_KEY.toString("base64")}`,
    },
  });
  const networks: TcpProxy[] = [];
  afterAll(async () => {
    await Promise.all(networks.map((proxy) => proxy.close()));
    await cleanUp();
    await bus.stop();
  });
  return {
    database,
    ctx,
    url: `${shiplog.url}/graphql`,
    async network() {
      const proxy = await startProxy();
      proxy.target(Number(new URL(shiplog.url).port));
      networks.push(proxy);
      return { url: `http://127.0.0.1:${proxy.port}/graphql`, proxy };
    },
    story: () => openStory(ctx),
  };
}

async function openStory(ctx: Context): Promise<ContractStory> {
  const story = await seedStory(ctx);
  return {
    ...story,
    reader: ({ lifeMs = ACCESS_MS, role = "viewer" } = {}) => signIn(ctx, story.projectId, role, lifeMs),
    finish: async () => {
      await finishAgentExecution(ctx, SYSTEM, { id: story.executionId, status: "completed" });
    },
  };
}

/** An access token's life is fixed: one that ends soon is issued by a clock that is behind. */
async function signIn(ctx: Context, projectId: string, role: Role, lifeMs: number): Promise<Reader> {
  const behind = lifeMs - ACCESS_MS;
  const early: Context = { ...ctx, clock: { now: () => new Date(Date.now() + behind) } };
  const email = `${crypto.randomUUID()}@example.org`;
  const { id: userId } = await createUser(ctx, SYSTEM, {
    email,
    name: "Reader",
    password: PASSWORD,
    isAdmin: false,
  });
  await ctx.db.projectMember.create({ data: { projectId, userId, role, createdAt: ctx.clock.now() } });
  const signedIn = await createSession(early, { email, password: PASSWORD, userAgent: null, address: null });
  return {
    actor: { type: "user", userId, sessionId: signedIn.session.id, isAdmin: false },
    token: signedIn.access.token,
    cookie: `shiplog_at=${signedIn.access.token}`,
    renew: async () => (await refreshSession(ctx, signedIn.refreshToken)).access.token,
  };
}
