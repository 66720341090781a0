import { now, type Plan } from "./plan.ts";
import type { Load } from "./process/load.ts";
import type { Remote } from "./rpc.ts";

type Measured = Remote<{ cpu: () => number }>;

/** One measured stretch of work. */
export interface Block {
  readonly cpuUs: number;
  readonly wallMs: number;
  /** Deliveries: pieces of text, times those who got them. */
  readonly pieces: number;
  readonly frames: number;
  readonly bytes: number;
}

export interface BlockOptions {
  readonly server: Measured;
  readonly load: Remote<Load>;
  /** Who is counted. */
  readonly group: string;
  readonly plan: Plan;
  /** Deliveries that end the block. */
  readonly pieces: number;
  readonly timeoutMs?: number;
  readonly work: () => Promise<unknown>;
}

/** CPU of the server from the first write until everybody has everything. */
export async function measureBlock(options: BlockOptions): Promise<Block> {
  const { server, load, group, plan, pieces, timeoutMs = 60_000, work } = options;
  await load.call("begin", { name: group, plan });
  const before = await server.call("cpu");
  const began = now();
  await work();
  const arrival = await load.call("arrived", { name: group, pieces, timeoutMs }, timeoutMs + 5_000);
  const cpuUs = (await server.call("cpu")) - before;
  const { frames, bytes } = arrival;
  return { cpuUs, wallMs: arrival.at - began, pieces: arrival.pieces, frames, bytes };
}

/** The same without anybody who gets it. */
export async function measureAlone(server: Measured, work: () => Promise<unknown>): Promise<number> {
  const before = await server.call("cpu");
  await work();
  return (await server.call("cpu")) - before;
}

/** Runs the named measurements in this order and back again, so often; the values of each in order. */
export async function alternate<N extends string, T>(
  rounds: number,
  order: readonly N[],
  measure: (name: N) => Promise<T>,
): Promise<Record<N, T[]>> {
  const results = Object.fromEntries(order.map((name) => [name, [] as T[]])) as Record<N, T[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of [...order, ...order.toReversed()]) results[name].push(await measure(name));
  }
  return results;
}
