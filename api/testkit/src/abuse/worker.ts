import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { type Attack, SOCKET_ATTACKS } from "./sockets.ts";

/** What this thread is told. */
export interface AttackOrder {
  readonly port: number;
  /**
   * Each but once, and a tenth of those that count by how many there are: what the server grows to by being used at
   * all is then no news.
   */
  readonly first?: boolean;
  /** How long they are made anew. */
  readonly lastsMs: number;
}

/** How long after the attack a connection may still be there (ms); the server ends each within 10 s or so. */
const PATIENCE_MS = 60_000;

/** How often each end came, by the attack's name; `never` = still there when patience was over. */
export type AttackEnds = Readonly<Record<string, Readonly<Record<string, number>>>>;

async function perform(
  attack: Attack,
  { port, lastsMs, first }: AttackOrder,
): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  const until = performance.now() + lastsMs;
  const late = pause(lastsMs + PATIENCE_MS, "never" as const, { ref: false });
  const one = async () => {
    do {
      const end = await Promise.race([attack.run(port), late]);
      ends[end] = (ends[end] ?? 0) + 1;
    } while (!attack.once && performance.now() < until);
  };
  const length = first && attack.once ? Math.ceil(attack.connections / 10) : attack.connections;
  await Promise.all(Array.from({ length }, one));
  return ends;
}

const order = workerData as AttackOrder;
const all = SOCKET_ATTACKS.map(async (attack) => [attack.name, await perform(attack, order)] as const);
parentPort?.postMessage(Object.fromEntries(await Promise.all(all)) satisfies AttackEnds);
