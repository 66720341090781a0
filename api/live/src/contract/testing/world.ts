import { type Context, SYSTEM, type UserActor } from "@shiplog/core";
import { createUser, type Role, refreshSession, signInWithPassword } from "@shiplog/core/account";
import { finishAgentExecution } from "@shiplog/core/agent";
import { type Story, seedStory } from "@shiplog/core/live/testing";
import { type BusKind, startCluster } from "@shiplog/testkit/cluster";
import { type TestDatabase, testDatabase } from "@shiplog/testkit/database";
import { cleanUp } from "@shiplog/testkit/process";
import { startProxy, type TcpProxy } from "@shiplog/testkit/proxy";
import { afterAll } from "vitest";

/** The product on a real PostgreSQL, and one more writer of the same data: the test. */
export interface World {
  readonly database: TestDatabase;
  /** Writes to the same database; the servers hear of it over their bus. */
  readonly ctx: Context;
  /** The GraphQL endpoint of a server; of the next one each time it is asked for. */
  readonly url: string;
  /** The endpoints of all servers. */
  readonly urls: readonly string[];
  /** A network of the test's own, to be cut, in front of the servers, which take its connections in turn. */
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

const ACCESS_MS = 15 * 60_000;
const PASSWORD = "a password for tests";

/** Processes of their own, unless the bus is the in-process one. */
export interface WorldOptions {
  readonly bus?: BusKind;
  readonly redisUrl?: string | undefined;
  readonly servers?: number;
  readonly worker?: boolean;
}

let opened: World | undefined;

/** The world of this test file, for the suites that it imports after it has opened it. */
export function theWorld(): World {
  if (!opened) throw new Error("open a world before importing a suite");
  return opened;
}

/** Call it once at the top of a test file. By default one server, which hears of the test through PostgreSQL. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { bus = "PostgreSQL", redisUrl, servers = 1, worker = false } = options;
  const database = await testDatabase();
  const cluster = await startCluster({ databaseUrl: database.url, bus, redisUrl, servers, worker });
  const networks: TcpProxy[] = [];
  afterAll(async () => {
    await Promise.all(networks.map((proxy) => proxy.close()));
    await cluster.stop();
    await cleanUp();
  });
  const urls = cluster.urls.map((url) => `${url}/graphql`);
  let asked = 0;
  const world: World = {
    database,
    ctx: cluster.ctx,
    urls,
    get url() {
      return urls[asked++ % urls.length] as string;
    },
    async network() {
      const proxy = await startProxy();
      proxy.target(...urls.map((url) => Number(new URL(url).port)));
      networks.push(proxy);
      return { url: `http://127.0.0.1:${proxy.port}/graphql`, proxy };
    },
    story: () => openStory(cluster.ctx),
  };
  opened = world;
  return world;
}

export async function openStory(ctx: Context): Promise<ContractStory> {
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
  const signedIn = await signInWithPassword(early, {
    email,
    password: PASSWORD,
    userAgent: null,
    address: null,
  });
  let { refreshToken } = signedIn;
  return {
    actor: { type: "user", userId, sessionId: signedIn.session.id, isAdmin: false },
    token: signedIn.access.token,
    cookie: `shiplog_at=${signedIn.access.token}`,
    async renew() {
      const renewed = await refreshSession(ctx, refreshToken);
      refreshToken = renewed.refreshToken;
      return renewed.access.token;
    },
  };
}
