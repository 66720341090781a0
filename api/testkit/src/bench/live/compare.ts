import { type Arena, measureControl, measureSubject, measureWrites } from "./arena.ts";
import { alternate, type Block } from "./blocks.ts";
import { eventCount, type Plan } from "./plan.ts";
import type { Frame } from "./process/broadcaster.ts";
import { spread } from "./stats.ts";

export interface FanOut {
  /** us of server CPU per delivery, the writes taken off. */
  readonly control: readonly number[];
  readonly subject: readonly number[];
  readonly details: Record<string, number>;
}

export interface FanOutOptions {
  readonly control: Plan;
  readonly subject: Plan;
  readonly frame: Frame;
}

/** Control and subject in turns, and the writes alone beside the subject. */
export async function compareFanOut(arena: Arena, rounds: number, options: FanOutOptions): Promise<FanOut> {
  const { frame } = options;
  await measureControl(arena, options.control, frame);
  await measureSubject(arena, options.subject);
  await measureWrites(arena, options.subject);
  const blocks: Record<"control" | "subject", Block[]> = { control: [], subject: [] };
  const measured = await alternate(rounds, ["control", "subject", "writes"], async (name) => {
    if (name === "writes") return measureWrites(arena, options.subject);
    const block =
      name === "control"
        ? await measureControl(arena, options.control, frame)
        : await measureSubject(arena, options.subject);
    blocks[name].push(block);
    return block.cpuUs;
  });
  const per = (values: readonly number[], kind: "control" | "subject") =>
    values.map((value, i) => value / (blocks[kind][i]?.pieces ?? Number.NaN));
  const net = measured.subject.map((value, i) => value - (measured.writes[i] ?? Number.NaN));
  const middle = (values: readonly number[]) => spread(values).median;
  const events = eventCount(options.subject);
  return {
    control: per(measured.control, "control"),
    subject: per(net, "subject"),
    details: {
      "writes, CPU us per event": middle(measured.writes) / events,
      "subject, deliveries per frame": middle(blocks.subject.map((b) => b.pieces / b.frames)),
      "subject, bytes per frame": middle(blocks.subject.map((b) => b.bytes / b.frames)),
      "control, bytes per frame": middle(blocks.control.map((b) => b.bytes / b.frames)),
      "control, wall us per delivery": middle(blocks.control.map((b) => (b.wallMs * 1e3) / b.pieces)),
      "subject, wall us per delivery": middle(blocks.subject.map((b) => (b.wallMs * 1e3) / b.pieces)),
    },
  };
}
