import { describe, expect, it } from "vitest";
import type { Sink, Transport } from "./socket.ts";
import { type Batch, makeStream, type StreamState } from "./stream.ts";

interface Opened {
  readonly variables: Record<string, unknown>;
  readonly sink: Sink;
}

function harness(from: "beginning" | "edge" = "beginning") {
  const opened: Opened[] = [];
  const events: number[] = [];
  const states: StreamState[] = [];
  const timers: (() => void)[] = [];
  const calls: string[] = [];
  const running = new Set<Sink>();
  const transport: Transport = (_query, variables, sink) => {
    opened.push({ variables: variables as Record<string, unknown>, sink });
    running.add(sink);
    return () => running.delete(sink);
  };
  const stream = makeStream<number>(
    {
      query: "subscription",
      variables: { id: "x" },
      read: (data: Batch<number>) => data,
      from,
      onStart: () => calls.push("start"),
      onEvents: (list) => events.push(...list),
      onReset: () => calls.push("reset"),
      onState: (state) => states.push(state),
    },
    {
      transport,
      now: () => 0,
      random: () => 0.5,
      later: (_ms, run) => {
        timers.push(run);
        return () => timers.splice(timers.indexOf(run), 1);
      },
    },
  );
  const last = () => opened.at(-1) as Opened;
  const send = (batch: Partial<Batch<number>>) =>
    last().sink.next({ events: [], cursor: "c0", caughtUp: true, reset: false, ...batch });
  return { opened, running, events, states, timers, calls, stream, last, send };
}

describe("makeStream", () => {
  it("resubscribes from the cursor of the last batch, so that nothing is lost or doubled", () => {
    const h = harness();
    expect(h.last().variables).toEqual({ id: "x" });
    h.send({ events: [1, 2], cursor: "c2" });
    h.last().sink.failed("closed");
    expect(h.states.at(-1)).toMatchObject({ phase: "reconnecting", attempt: 1 });
    h.timers.shift()?.();
    expect(h.last().variables).toEqual({ id: "x", after: "c2" });
    h.send({ events: [3], cursor: "c3" });
    expect(h.events).toEqual([1, 2, 3]);
    expect(h.states.at(-1)).toEqual({ phase: "live" });
  });

  it("reads a log again from its beginning when its cursor cannot be honoured", () => {
    const h = harness();
    h.send({ events: [1, 2], cursor: "c2" });
    h.last().sink.failed("closed");
    h.timers.shift()?.();
    h.send({ reset: true, cursor: "other" });
    expect(h.calls).toContain("reset");
    expect(h.last().variables).toEqual({ id: "x" });
    h.send({ events: [1, 2, 3], cursor: "n3" });
    expect(h.events).toEqual([1, 2, 1, 2, 3]);
    h.last().sink.failed("closed");
    h.timers.shift()?.();
    expect(h.last().variables).toEqual({ id: "x", after: "n3" });
  });

  it("ignores what an abandoned connection still sends", () => {
    const h = harness();
    h.send({ events: [1], cursor: "c1" });
    const old = h.last().sink;
    old.failed("closed");
    old.next({ events: [2], cursor: "c2", caughtUp: true, reset: false });
    old.failed("closed");
    expect(h.events).toEqual([1]);
    expect(h.timers).toHaveLength(1);
  });

  it("starts at the live edge with tail 0 and tells once when the state may be read", () => {
    const h = harness("edge");
    expect(h.last().variables).toEqual({ id: "x", tail: 0 });
    h.last().sink.failed("closed");
    h.timers.shift()?.();
    expect(h.last().variables).toEqual({ id: "x", tail: 0 });
    h.send({ cursor: "c5" });
    h.last().sink.failed("closed");
    h.timers.shift()?.();
    h.send({ cursor: "c6" });
    expect(h.calls.filter((call) => call === "start")).toHaveLength(1);
  });

  it("tells a page at the edge to reload on a reset and goes on from the head", () => {
    const h = harness("edge");
    h.send({ events: [1], cursor: "old" });
    h.send({ reset: true, cursor: "head" });
    expect(h.calls).toContain("reset");
    h.last().sink.failed("closed");
    h.timers.shift()?.();
    expect(h.last().variables).toMatchObject({ after: "head" });
  });

  it("counts while catching up, turns offline after four failures, and ends", () => {
    const h = harness();
    h.send({ events: [1, 2], caughtUp: false });
    h.send({ events: [3], caughtUp: false });
    expect(h.states.at(-1)).toEqual({ phase: "catching-up", received: 3 });
    for (let i = 0; i < 4; i++) {
      h.last().sink.failed("closed");
      if (i < 3) h.timers.shift()?.();
    }
    expect(h.states.at(-1)).toMatchObject({ phase: "offline", attempt: 4 });
    h.stream.retry();
    h.last().sink.complete();
    expect(h.states.at(-1)).toEqual({ phase: "ended" });
  });

  it("sleeps without a connection and goes on from its cursor when it wakes up", () => {
    const h = harness();
    h.send({ events: [1], cursor: "c1" });
    const old = h.last().sink;
    h.stream.sleep();
    old.next({ events: [2], cursor: "c2", caughtUp: true, reset: false });
    old.failed("closed");
    h.stream.retry();
    expect(h.states.at(-1)).toEqual({ phase: "asleep" });
    expect(h.opened).toHaveLength(1);
    expect(h.timers).toHaveLength(0);
    h.stream.wake();
    expect(h.last().variables).toEqual({ id: "x", after: "c1" });
    h.send({ events: [2, 3], cursor: "c3" });
    expect(h.events).toEqual([1, 2, 3]);
  });

  it("gives up a try that is under way for another one", () => {
    const h = harness();
    h.send({ events: [1], cursor: "c1" });
    h.last().sink.failed("closed");
    h.stream.retry();
    const slow = h.last().sink;
    h.stream.retry();
    expect([...h.running]).toEqual([h.last().sink]);
    slow.next({ events: [2], cursor: "c2", caughtUp: true, reset: false });
    h.send({ events: [2], cursor: "c2" });
    expect(h.events).toEqual([1, 2]);
    h.stream.close();
    expect(h.running.size).toBe(0);
  });

  it("leaves an open connection alone when asked to retry", () => {
    const h = harness();
    h.send({ events: [1], cursor: "c1" });
    h.stream.retry();
    expect(h.opened).toHaveLength(1);
  });

  it("waits a minute when the server refuses the connection, unless a person asks", () => {
    const h = harness();
    h.last().sink.failed("refused");
    expect(h.states.at(-1)).toEqual({ phase: "offline", attempt: 4, retryAt: 60_000 });
    h.stream.retry();
    expect(h.opened).toHaveLength(2);
  });

  it("does not try again when access is gone", () => {
    const h = harness();
    h.last().sink.failed("forbidden");
    expect(h.states.at(-1)).toEqual({ phase: "denied" });
    expect(h.timers).toHaveLength(0);
  });
});
