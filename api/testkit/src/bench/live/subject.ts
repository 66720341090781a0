import type { BenchDatabase } from "./database.ts";
import type { ClientSpec } from "./load/client.ts";
import { precedeOthers, SERVER_CORE } from "./machine.ts";
import type { Plan } from "./plan.ts";
import type { Load } from "./process/load.ts";
import type { Product } from "./process/product.ts";
import { type Remote, startProcess } from "./rpc.ts";
import { type Seed, seedDatabase } from "./seed.ts";

/** As the dashboard asks, without the types of event that are not written here. */
export const SUBSCRIPTION = `subscription RunEvents($id: ID!, $after: String, $tail: Int) {
  agentExecutionEvents(id: $id, after: $after, tail: $tail) {
    cursor
    caughtUp
    reset
    events { __typename seq at ... on AgentTextDelta { messageId text } }
  }
}`;

/** The default of SHIPLOG_SOCKETS_PER_USER: a thousand clients are twenty people. */
export const SOCKETS_PER_PERSON = 50;

export interface Subject {
  readonly process: Remote<Product>;
  readonly port: number;
  readonly seed: Seed;
  /** Writes the plan's events to the runs that are watched or to those that are not. */
  write(plan: Plan, target: "watched" | "silent", timeoutMs?: number): Promise<Float64Array>;
}

/** A database with what the server needs to find there. */
export interface Seeded {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly seed: Seed;
}

export async function seedSubject(
  database: BenchDatabase,
  { runs, clients }: { readonly runs: number; readonly clients: number },
): Promise<Seeded> {
  const databaseUrl = await database.create();
  const seed = await seedDatabase(databaseUrl, { runs, viewers: Math.ceil(clients / SOCKETS_PER_PERSON) });
  return { databaseUrl, dataDir: database.dataDir, seed };
}

/** Shiplog's composed server on a core of its own. */
export async function startProduct(seeded: Seeded, profile: string | null): Promise<Subject> {
  // As `start` runs it.
  const env = { NODE_ENV: "production" };
  const process = startProcess<Product>({ script: "process/product.ts", core: SERVER_CORE, env });
  const { seed, databaseUrl, dataDir } = seeded;
  const port = await process.call("open", { databaseUrl, dataDir, keys: seed.keys });
  const write = (plan: Plan, target: "watched" | "silent", timeoutMs?: number) =>
    process.call("write", { plan, target: seed[target], profile }, timeoutMs);
  return { process, port, seed, write };
}

/** Client n reads run n (round robin) and stands for person n / 50. */
export function subjectClients(
  { port, seed }: Subject,
  count: number,
  options: { readonly resumes?: boolean; readonly from?: number } = {},
): ClientSpec[] {
  const { resumes = false, from = 0 } = options;
  return Array.from({ length: count }, (_, i) => ({
    port,
    path: "/graphql",
    resumes,
    subscription: {
      token: seed.tokens[Math.floor((from + i) / SOCKETS_PER_PERSON)] ?? null,
      query: SUBSCRIPTION,
      variables: { id: seed.ids[(from + i) % seed.ids.length], tail: 0 },
      answersAtOnce: true,
    },
  }));
}

/** Connections of the control: client n reads stream n (round robin). */
export function bareClients(port: number, count: number, streams: number): ClientSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    port,
    path: `/${i % streams}`,
    subscription: null,
    resumes: false,
  }));
}

export function startLoad(core: number): Remote<Load> {
  const load = startProcess<Load>({ script: "process/load.ts", core });
  precedeOthers(load.pid);
  return load;
}
