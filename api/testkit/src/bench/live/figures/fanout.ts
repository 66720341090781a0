import { openArena, pieceFor, sampleFrame } from "../arena.ts";
import { compareFanOut } from "../compare.ts";
import type { Row, Setting } from "../figure.ts";
import { PLAN } from "../plan.ts";
import { ratios, spread } from "../stats.ts";

/** G1: one event per frame to a thousand clients of one stream, against `send` of the same bytes. */
export async function fanOut(setting: Setting): Promise<Row[]> {
  const clients = setting.quick ? 200 : 1_000;
  const arena = await openArena(setting, { runs: 1, clients });
  // Further apart than any window in which events are put together.
  const spaced = { ...PLAN, everyMs: 50, ticks: setting.quick ? 10 : 40 };
  const piece = await pieceFor(arena, spaced, 320);
  const plan = { ...spaced, piece };
  const frame = await sampleFrame(arena, plan);
  const result = await compareFanOut(arena, setting.rounds, { control: plan, subject: plan, frame });
  return [
    {
      figure: "G1",
      measure: `CPU per delivery, ${clients} same-scope subscribers, 320-byte frames, uncoalesced; against ws.send of the same bytes`,
      unit: "us",
      control: spread(result.control),
      subject: spread(result.subject),
      ratio: spread(ratios(result.subject, result.control)),
      goal: { of: "ratio", wants: "least", must: 1.3, aim: 1 },
      details: result.details,
    },
  ];
}
