import type { Context } from "../context.ts";
import { record } from "../transaction.ts";

/** The event names at most so many of them; it is at most 16 KiB. */
const MOST_NAMED = 100;

/** Tells the project's stream of new activities (UUIDs, newest first): one event per project and transaction. */
export function recordActivities(tx: Context, projectId: string, ids: readonly string[]): void {
  if (ids.length === 0) return;
  record(tx, {
    kind: "project",
    streamId: projectId,
    projectId,
    events: [
      { type: "AIActivitiesRecorded", data: { count: ids.length, activityIds: ids.slice(0, MOST_NAMED) } },
    ],
  });
}
