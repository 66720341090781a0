import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record, transact } from "@shiplog/core";
import { createDb, executeRaw, sql } from "@shiplog/db";
import { startEmbedded } from "@shiplog/db/embedded/start";
import { withDatabase } from "@shiplog/db/url";
import { makeContext } from "../context.ts";
import { ensureTemplate } from "../template.ts";

/**
 * `bench append`: what it costs to append an event to a stream (gapless seq, head locked, after-commit wake-up)
 * against a bare INSERT of the same row in a transaction of its own. Control and subject alternate (A B B A).
 */
const ROUNDS = 5;
const EVENTS = 500;
const TEXT = "x".repeat(250);

interface Cost {
  readonly cpuUs: number;
  readonly wallUs: number;
}

async function measure(work: () => Promise<void>): Promise<Cost> {
  const began = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / EVENTS, wallUs: ((performance.now() - began) * 1_000) / EVENTS };
}

function summary(values: readonly number[]): { median: number; least: number; most: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => Math.round((sorted[index] ?? 0) * 100) / 100;
  return { median: at(sorted.length >> 1), least: at(0), most: at(sorted.length - 1) };
}

async function benchAppend(url: string): Promise<object> {
  const db = createDb(url, { max: 4 });
  const ctx = await makeContext({ db });
  const streamId = ctx.newId();
  const projectId = ctx.newId();
  const bare = ctx.newId();
  let seq = 0;
  const control = async () => {
    for (let n = 0; n < EVENTS; n++) {
      await executeRaw(
        db,
        sql`INSERT INTO stream_event (stream_id, seq, at, type, data)
            VALUES (${bare}::uuid, ${++seq}, now(), 'x', ${JSON.stringify({ text: TEXT })}::jsonb)`,
      );
    }
  };
  const subject = async () => {
    const events = [{ type: "x", data: { text: TEXT } }];
    for (let n = 0; n < EVENTS; n++) {
      await transact(ctx, async (tx) => void record(tx, { kind: "project", streamId, projectId, events }));
    }
  };
  await control();
  await subject();
  const costs = { control: [] as Cost[], subject: [] as Cost[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["control", "subject", "subject", "control"] as const) {
      costs[name].push(await measure(name === "control" ? control : subject));
    }
  }
  await db.$disconnect();
  const ratios = costs.subject.map((cost, index) => cost.cpuUs / (costs.control[index]?.cpuUs ?? Number.NaN));
  return {
    "control, CPU us per event": summary(costs.control.map((cost) => cost.cpuUs)),
    "subject, CPU us per event": summary(costs.subject.map((cost) => cost.cpuUs)),
    "ratio, CPU": summary(ratios),
    "control, wall us per event": summary(costs.control.map((cost) => cost.wallUs)),
    "subject, wall us per event": summary(costs.subject.map((cost) => cost.wallUs)),
  };
}

/** Prints the costs of both and their ratio. */
export async function run(args: readonly string[]): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "shiplog-bench-"));
  const server = await startEmbedded({
    dataDir,
    log: { info() {}, warn: console.warn, error: console.error },
  });
  try {
    const result = await benchAppend(withDatabase(server.url, await ensureTemplate(server.url)));
    if (args.includes("--json")) console.log(JSON.stringify(result));
    else console.table(result);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
