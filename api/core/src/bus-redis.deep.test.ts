import { until } from "@shiplog/testkit/deferred";
import { startProxy } from "@shiplog/testkit/proxy";
import { redisMessages } from "@shiplog/testkit/proxy/messages";
import { startRedis } from "@shiplog/testkit/services";
import { createClient } from "redis";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import { createRedisBus, type RedisBus } from "./bus-redis.ts";

/** One of this file's own: what other suites tell each other over a common one would be heard here. */
const redis = await startRedis();
afterAll(() => redis.kill());
const url = `redis://127.0.0.1:${redis.port}`;
const open: RedisBus[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.stop()));
});

async function bus(at = url): Promise<RedisBus> {
  const made = createRedisBus({ url: at });
  open.push(made);
  await until(() => made.connected);
  return made;
}

async function network() {
  const proxy = await startProxy();
  proxy.target(redis.port);
  onTestFinished(() => proxy.close());
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` };
}

const [A, B] = [crypto.randomUUID(), crypto.randomUUID()];
/** A new bus tells that anything may have grown: only what names a stream counts where that is of no interest. */
const ours = (streams: readonly string[] | null) => streams?.includes(A) ?? false;

/** Everything a bus tells its readers, in order. */
function heard(reader: RedisBus) {
  const wakes: (readonly string[] | null)[] = [];
  const seen = { wakes, changes: 0 };
  reader.onWake((streams) => wakes.push(streams));
  reader.onAccessChanged(() => seen.changes++);
  return seen;
}

describe("the bus over Redis", () => {
  it("wakes the readers of another process with the streams that grew", async () => {
    const [writer, reader] = [await bus(), await bus()];
    const seen = heard(reader);
    writer.wake([A, B]);
    await until(() => seen.wakes.some(ours));
    expect(seen.wakes.filter(ours)).toEqual([[A, B]]);
  });

  it("wakes its own readers at once and only once", async () => {
    const [writer, other] = [await bus(), await bus()];
    const [own, elsewhere] = [heard(writer), heard(other)];
    writer.wake([A]);
    expect(own.wakes.filter(ours)).toEqual([[A]]);
    // Behind the first message on the same connection: when this has arrived, an echo would have too.
    writer.accessChanged();
    await until(() => elsewhere.wakes.some(ours) && elsewhere.changes > 0);
    expect(own.wakes.filter(ours)).toEqual([[A]]);
  });

  it("takes what it cannot read for a hint that something happened, and goes on", async () => {
    const reader = await bus();
    const seen = heard(reader);
    const stranger = createClient({ url });
    await stranger.connect();
    onTestFinished(() => stranger.destroy());
    const unreadable = ["", "{", "null", "7", '"x"', "[]", '{"streams":7}', '{"from":{},"streams":[1,{}]}'];
    for (const text of unreadable) {
      await stranger.publish("shiplog:wake", text);
      await stranger.publish("shiplog:access", text);
    }
    await stranger.publish("shiplog:wake", '{"from":"x","streams":["s"]}');
    await until(() => seen.wakes.some((streams) => streams?.includes("s")));
    expect(seen.wakes).toEqual([...unreadable.map(() => null), ["s"]]);
    expect(seen.changes).toBe(unreadable.length);
  });

  it("asks for everything each second while Redis is away, and tells afterwards what it could not", async () => {
    const { proxy, url: far } = await network();
    const [cut, other] = [await bus(far), await bus()];
    proxy.refuse();
    await until(() => !cut.connected);
    const [here, there] = [heard(cut), heard(other)];
    cut.wake(["a"]);
    cut.accessChanged();
    await until(() => here.wakes.filter((streams) => streams === null).length >= 2);
    expect(here.changes).toBeGreaterThanOrEqual(2);
    expect(there.wakes).toEqual([]);
    proxy.heal();
    await until(() => there.changes > 0 && there.wakes.length > 0);
    expect(there.wakes[0]).toBeNull();
  });

  it("finds a connection that the network has forgotten within seconds, and replaces it", async () => {
    const { proxy, url: far } = await network();
    const [lost, other] = [await bus(far), await bus()];
    const seen = heard(lost);
    proxy.blackhole();
    await until(() => !lost.connected);
    proxy.heal();
    const began = performance.now();
    // Of its two connections one may be back before the other is known to be dead: what counts is that it hears.
    await until(() => {
      other.wake([A]);
      return lost.connected && seen.wakes.some(ours);
    });
    expect(performance.now() - began).toBeLessThan(4_000);
    other.wake([B]);
    await until(() => seen.wakes.some((streams) => streams?.includes(B)));
    expect(seen.wakes.filter((streams) => streams?.includes(B))).toEqual([[B]]);
  });

  it("knows that it hears nothing when its connection answers but delivers no message", async () => {
    const { proxy, url: far } = await network();
    const passing = { on: true };
    proxy.filter(redisMessages((bytes) => (passing.on ? [{ bytes }] : [])));
    const [deaf, other] = [await bus(far), await bus()];
    passing.on = false;
    await until(() => !deaf.connected);
    const seen = heard(deaf);
    await until(() => seen.wakes.includes(null) && seen.changes > 0);
    expect([deaf.connected, other.connected]).toEqual([false, true]);
    passing.on = true;
    await until(() => deaf.connected);
    other.wake([A]);
    await until(() => seen.wakes.some(ours));
  });

  it("is not confused by messages that come twice, late or not at all", async () => {
    const { proxy, url: far } = await network();
    let count = 0;
    proxy.filter(
      redisMessages((bytes) => {
        if (!bytes.includes("shiplog:wake")) return [{ bytes }];
        const at = count++ % 3;
        if (at === 0) return [];
        return at === 1 ? [{ bytes }, { bytes }] : [{ bytes, lateMs: 300 }];
      }),
    );
    const [reader, writer] = [await bus(far), await bus()];
    const seen = heard(reader);
    for (const id of ["lost", "twice", "late", "lost", "twice"]) writer.wake([id]);
    const named = () => seen.wakes.flatMap((streams) => streams ?? []);
    await until(() => named().length >= 5);
    expect(named()).toEqual(["twice", "twice", "twice", "twice", "late"]);
  });
});
