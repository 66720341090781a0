import { type Block, measureAlone, measureBlock } from "./blocks.ts";
import type { Setting } from "./figure.ts";
import { LOAD_CORE, SERVER_CORE } from "./machine.ts";
import { MARK, type Plan, pieceCount } from "./plan.ts";
import type { Broadcaster, Frame } from "./process/broadcaster.ts";
import type { Load } from "./process/load.ts";
import { type Remote, startProcess } from "./rpc.ts";
import {
  bareClients,
  type Subject,
  seedSubject,
  startLoad,
  startProduct,
  subjectClients,
} from "./subject.ts";

/** Subject, control and load with everybody connected. */
export interface Arena {
  readonly subject: Subject;
  readonly control: Remote<Broadcaster>;
  readonly load: Remote<Load>;
  readonly runs: number;
  readonly clients: number;
}

interface Size {
  readonly runs: number;
  readonly clients: number;
}

/** Subject and load with everybody connected. */
export async function openSubject(
  setting: Setting,
  size: Size & { readonly resumes?: boolean },
): Promise<Pick<Arena, "subject" | "load">> {
  const load = startLoad(LOAD_CORE);
  setting.onEnd(() => load.stop());
  const subject = await startProduct(await seedSubject(setting.database, size), setting.profile);
  setting.onEnd(() => subject.process.stop());
  const { resumes = false } = size;
  await load.call("connect", { name: "subject", specs: subjectClients(subject, size.clients, { resumes }) });
  return { subject, load };
}

/** And a control; with `insert` it writes events to a table of its own. */
export async function openArena(
  setting: Setting,
  size: Size & { readonly insert?: boolean },
): Promise<Arena> {
  const { runs, clients, insert = false } = size;
  const { subject, load } = await openSubject(setting, size);
  const control = startProcess<Broadcaster>({ script: "process/broadcaster.ts", core: SERVER_CORE });
  setting.onEnd(() => control.stop());
  const databaseUrl = insert ? await setting.database.create() : null;
  const port = await control.call("open", { databaseUrl });
  await load.call("connect", { name: "control", specs: bareClients(port, clients, runs) });
  return { subject, control, load, runs, clients };
}

/** Deliveries of a plan to clients who are spread evenly over its streams. */
export function deliveries({ clients }: Arena, plan: Plan): number {
  return (pieceCount(plan) * clients) / plan.streams;
}

export function measureControl(arena: Arena, plan: Plan, frame: Frame): Promise<Block> {
  const { control: server, load } = arena;
  const work = () => server.call("send", { plan, frame });
  return measureBlock({ server, load, group: "control", plan, pieces: deliveries(arena, plan), work });
}

export function measureSubject(arena: Arena, plan: Plan): Promise<Block> {
  const { subject, load } = arena;
  const server = subject.process;
  const work = () => subject.write(plan, "watched");
  return measureBlock({ server, load, group: "subject", plan, pieces: deliveries(arena, plan), work });
}

/** CPU of the same writes to streams that nobody reads. */
export function measureWrites({ subject }: Arena, plan: Plan): Promise<number> {
  const work = () => subject.write(plan, "silent");
  return measureAlone(subject.process, work);
}

/** A message of the subject, cut around the piece it carries; everybody who gets it has got it afterwards. */
export async function sampleFrame(arena: Arena, plan: Plan): Promise<Frame> {
  const { load, subject } = arena;
  const one = { ...plan, ticks: 1, perTick: 1 };
  const name = "subject";
  await load.call("begin", { name, plan: one });
  const sampled = load.call("sample", { name });
  await subject.write(one, "watched");
  await load.call("arrived", { name, pieces: deliveries(arena, one), timeoutMs: 30_000 });
  const text = await sampled;
  const from = text.indexOf(MARK);
  return { before: text.slice(0, from), after: text.slice(text.indexOf('"', from)) };
}

/** A piece of such a length that the subject's message has so many bytes. */
export async function pieceFor(arena: Arena, plan: Plan, bytes: number): Promise<string> {
  const { before, after } = await sampleFrame(arena, plan);
  return "x".repeat(Math.max(0, bytes - Buffer.byteLength(before + after) - MARK.length));
}
