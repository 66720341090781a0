import type { AgentStepIO, Json } from "@shiplog/core";
import { ask, toJson } from "./ask.ts";
import type { Found, HistoryFacts, HotSpot, HotSpotFacts } from "./facts.ts";
import { THRESHOLDS } from "./thresholds.ts";
import { code, count } from "./words.ts";

interface ChurnFile {
  path: string;
  commits: number;
  added: number;
  removed: number;
  authors: number;
}

interface Churn {
  commits: number;
  files: ChurnFile[];
}

interface Inspected {
  path: string;
  state: string;
  lines?: number | null;
  language?: string | null;
  code?: boolean;
  isTest?: boolean;
  testFile?: string | null;
}

const KEPT = 10;
/** Paths whose size is asked for: enough that deleted files and tests among them leave ten. */
const INSPECTED = 120;

async function readChurn(io: AgentStepIO): Promise<{ churn: Churn; windowDays: number | null } | null> {
  const recent = await ask<Churn>(io, "git", "churn", { sinceDays: THRESHOLDS.windowDays, limit: INSPECTED });
  if (recent.available && recent.commits >= THRESHOLDS.hotSpot.minHistory) {
    return { churn: recent, windowDays: THRESHOLDS.windowDays };
  }
  const all = await ask<Churn>(io, "git", "churn", { limit: INSPECTED });
  return all.available ? { churn: all, windowDays: null } : null;
}

function rank(churn: readonly ChurnFile[], inspected: readonly Inspected[]): HotSpot[] {
  const byPath = new Map(inspected.map((file) => [file.path, file]));
  const spots = churn.flatMap((file) => {
    const now = byPath.get(file.path);
    if (now?.state !== "ok" || !now.code || now.isTest || !now.lines) return [];
    const { language = null, lines, testFile = null } = now;
    return [{ ...file, language, lines, testFile, score: file.commits * lines }];
  });
  const hottest = Math.max(...spots.map((spot) => spot.score), 1);
  return spots
    .sort((a, b) => b.score - a.score)
    .slice(0, KEPT)
    .map((spot) => ({ ...spot, score: Math.round((100 * spot.score) / hottest) }));
}

export async function findHotSpots(io: AgentStepIO): Promise<Json> {
  const history = io.outputs.history as unknown as Found<HistoryFacts>;
  if (!history.available) return toJson({ available: false, reason: history.reason });
  const read = await readChurn(io);
  if (read === null) return toJson({ available: false, reason: "the changes could not be read" });
  const candidates = read.churn.files.filter((file) => file.commits >= THRESHOLDS.hotSpot.minCommits);
  let hotSpots: HotSpot[] = [];
  if (candidates.length > 0) {
    const paths = candidates.map((file) => file.path);
    const inspected = await ask<{ files: Inspected[] }>(io, "filesystem", "inspect_files", { paths });
    hotSpots = inspected.available ? rank(candidates, inspected.files) : [];
  }
  const facts: HotSpotFacts = { windowDays: read.windowDays, commits: read.churn.commits, hotSpots };
  const first = hotSpots[0];
  await io.message(
    "assistant",
    first
      ? `The hottest file is ${code(first.path)}: ${count(first.lines, "line")}, changed in ${count(first.commits, "commit")}.`
      : "No source file changed often enough to be a hot spot.",
  );
  return toJson({ available: true, ...facts });
}
