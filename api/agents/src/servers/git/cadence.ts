import { z } from "zod";
import { defineTool } from "../shared/tool.ts";
import { readLog } from "./history.ts";
import { isoTime } from "./log.ts";
import type { Place } from "./repository.ts";

const DAY = 86_400;
const WEEK = 7 * DAY;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY = 4 * DAY;
const MAX_COMMITS = 50_000;

function weekOf(seconds: number): number {
  return Math.floor((seconds - FIRST_MONDAY) / WEEK);
}

function weekStart(week: number): string {
  return new Date((week * WEEK + FIRST_MONDAY) * 1000).toISOString().slice(0, 10);
}

export function cadenceTool(place: Place) {
  return defineTool({
    name: "cadence",
    description:
      "Commits per week (Monday to Sunday, UTC) of the last weeks up to this one, oldest first, weeks without " +
      "commits included, and the time of the newest commit whatever its age.",
    input: z.strictObject({ weeks: z.int().min(1).max(104).default(26) }),
    async run({ weeks }, signal) {
      const thisWeek = weekOf(Date.now() / 1000);
      const buckets = Array.from({ length: weeks }, () => ({ commits: 0, authors: new Set<string>() }));
      const recent = { maxCommits: MAX_COMMITS, sinceDays: weeks * 7, changes: false, merges: true };
      const end = await readLog(place, recent, signal, (commit) => {
        const bucket = buckets[weeks - 1 - (thisWeek - weekOf(commit.at))];
        if (!bucket) return;
        bucket.commits++;
        bucket.authors.add(commit.identity);
      });
      let lastAt: string | null = null;
      const newest = { maxCommits: 1, changes: false, merges: true };
      await readLog(place, newest, signal, (commit) => {
        lastAt = isoTime(commit.at);
      });
      const perWeek = buckets.map((bucket, index) => ({
        week: weekStart(thisWeek - (weeks - 1 - index)),
        commits: bucket.commits,
        authors: bucket.authors.size,
      }));
      return { ...end, perWeek, lastAt };
    },
  });
}
