import { afterEach, describe, expect, it } from "vitest";
import { createRedisBus, type RedisBus } from "./bus-redis.ts";

const url = process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379";
const open: RedisBus[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.stop()));
});

async function bus(): Promise<RedisBus> {
  const made = createRedisBus({ url });
  open.push(made);
  await made.ready;
  return made;
}

describe("the bus over Redis", () => {
  it("wakes the readers of another process with the streams that grew", async () => {
    const [writer, reader] = [await bus(), await bus()];
    const { promise, resolve } = Promise.withResolvers<readonly string[] | null>();
    reader.onWake(resolve);
    writer.wake(["a", "b"]);
    expect(await promise).toEqual(["a", "b"]);
  });

  it("wakes its own readers at once and only once", async () => {
    const [writer, other] = [await bus(), await bus()];
    let own = 0;
    writer.onWake(() => own++);
    const { promise, resolve } = Promise.withResolvers<void>();
    writer.wake(["a"]);
    expect(own).toBe(1);
    other.onAccessChanged(resolve);
    // Behind the first message on the same connection: when this has arrived, an echo would have too.
    writer.accessChanged();
    await promise;
    expect(own).toBe(1);
  });
});
