import { createPool } from "@shiplog/db";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible";
import { type Actor, principalOf } from "./actor.ts";
import { TooManyRequestsError } from "./errors.ts";
import type { RateBucket, RateLimits, RateState } from "./ports.ts";

/** What each bucket holds in a minute, as a multiple of the limit that is configured (100: what the text says). */
const FACTORS: Readonly<Record<RateBucket, number>> = {
  requests: 1,
  dashboard: 6,
  // As many as somebody may have open: after a restart all of them come back at once.
  streams: 30,
  append_events: 300,
  append_bytes: 320 * 1024,
  telemetry_events: 600,
  telemetry_bytes: 640 * 1024,
  deliveries: 300,
  bad_signatures: 1,
};

const WINDOW_S = 60;
/** A store that takes longer is not waited for, and not asked again for a while (ms). */
const STORE = { answerMs: 1_000, pauseMs: 5_000 };

/** No limits: SHIPLOG_RATE_LIMIT=0. */
export const UNLIMITED: RateLimits = { take: async () => null, stop: async () => {} };

export interface RateLimitOptions {
  /** Points a minute of the bucket `requests`; the others follow. 0 = off. */
  readonly limit: number;
  readonly databaseUrl: string;
  /** Counts are kept there when given, else in the database. */
  readonly redisUrl?: string | undefined;
  /** The store cannot be asked: each process counts by itself until it can. */
  readonly onError?: (error: unknown) => void;
}

/** Counts that all processes share: whoever asks where, exactly as many are let through. */
export function createRateLimits({
  limit,
  databaseUrl,
  redisUrl,
  onError = () => {},
}: RateLimitOptions): RateLimits {
  if (limit === 0) return UNLIMITED;
  const store = redisUrl ? redisStore(redisUrl, onError) : databaseStore(databaseUrl, onError);
  const limiters = new Map<
    RateBucket,
    { shared: Promise<RateLimiterAbstract>; local: RateLimiterAbstract }
  >();
  const limitersOf = (bucket: RateBucket) => {
    const known = limiters.get(bucket);
    if (known) return known;
    const points = limit * FACTORS[bucket];
    // Who has used up his points is refused from memory: a flood does not reach the store.
    const options = { points, duration: WINDOW_S, keyPrefix: bucket, inMemoryBlockOnConsumed: points };
    const made = { shared: store.limiter(options), local: new RateLimiterMemory(options) };
    limiters.set(bucket, made);
    return made;
  };
  let awayUntil = 0;
  const consume = async (bucket: RateBucket, who: string, points: number) => {
    const { shared, local } = limitersOf(bucket);
    if (performance.now() < awayUntil) return settled(local.consume(who, points));
    try {
      return await inTime(settled(shared.then((limiter) => limiter.consume(who, points))));
    } catch (error) {
      awayUntil = performance.now() + STORE.pauseMs;
      onError(error);
      return settled(local.consume(who, points));
    }
  };
  return {
    async take(bucket, who, points = 1) {
      const { res, allowed } = await consume(bucket, who, points);
      return {
        bucket,
        allowed,
        limit: limit * FACTORS[bucket],
        remaining: res.remainingPoints,
        resetAt: new Date(Date.now() + Math.max(res.msBeforeNext, 0)),
      };
    },
    stop: store.stop,
  };
}

interface Store {
  limiter(options: StoreOptions): Promise<RateLimiterAbstract>;
  stop(): Promise<void>;
}
type StoreOptions = ConstructorParameters<typeof RateLimiterMemory>[0] & {
  readonly inMemoryBlockOnConsumed: number;
};

/** Connections of its own: a pool that slow queries have used up must not hold up the counting as well. */
function databaseStore(url: string, onError: (error: unknown) => void): Store {
  const pool = createPool(url, { max: 3, applicationName: "shiplog limits", onError });
  const common = { storeClient: pool, storeType: "pool", tableName: "rate_limit", tableCreated: true };
  return {
    limiter: async (options) => new RateLimiterPostgres({ ...common, ...options }),
    stop: () => pool.end(),
  };
}

function redisStore(url: string, onError: (error: unknown) => void): Store {
  const opening = openRedis(url, onError);
  return {
    limiter: async (options) =>
      new RateLimiterRedis({
        storeClient: await opening,
        useRedisPackage: true,
        ...options,
        keyPrefix: `shiplog:rate:${options.keyPrefix}`,
      }),
    stop: async () => (await opening).destroy(),
  };
}

/** Loaded by those who use it: see bus-redis.ts. */
async function openRedis(url: string, onError: (error: unknown) => void) {
  const { createClient } = await import("redis");
  // Without a queue for what is said while it is away: a count that comes late is wrong.
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", onError);
  client.connect().catch(onError);
  return client;
}

/** A refusal is an answer as well; anything else that is thrown is the store's failure. */
async function settled(
  consumed: Promise<RateLimiterRes>,
): Promise<{ res: RateLimiterRes; allowed: boolean }> {
  try {
    return { res: await consumed, allowed: true };
  } catch (error) {
    if (error instanceof RateLimiterRes) return { res: error, allowed: false };
    throw error;
  }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error("the store of rate limits does not answer")),
    STORE.answerMs,
  );
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/**
 * Whose bucket it is: a person's, a key's, or that of an address, where an IPv6 network of /64 counts as one: its
 * owner has all of it. Null for the program itself, which has no limits.
 */
export function rateKeyOf(actor: Actor | null, address: string | null): string | null {
  const principal = actor && principalOf(actor);
  switch (principal?.type) {
    case "user":
      return `user:${principal.userId}`;
    case "key":
      return `key:${principal.keyId}`;
    case "system":
    case "scope":
      return null;
    case undefined:
      return `address:${addressGroup(address ?? "")}`;
  }
}

function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.replace(/%.*$/, "").toLowerCase().split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** As headers of an answer: what is left in this minute, and for how long. */
export function rateHeaders(state: RateState): Record<string, string> {
  const seconds = String(secondsUntil(state.resetAt));
  return {
    "ratelimit-limit": String(state.limit),
    "ratelimit-remaining": String(state.remaining),
    "ratelimit-reset": seconds,
    "ratelimit-policy": `${state.limit};w=${WINDOW_S}`,
    ...(!state.allowed && { "retry-after": seconds }),
  };
}

/** The error of a request that came too soon; throws it. */
export function refuseOverdrawn(state: RateState | null): void {
  if (state && !state.allowed) throw new TooManyRequestsError(secondsUntil(state.resetAt));
}

function secondsUntil(at: Date): number {
  return Math.max(1, Math.ceil((at.getTime() - Date.now()) / 1_000));
}
