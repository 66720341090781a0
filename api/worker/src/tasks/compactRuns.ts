import { compactRunning } from "@shiplog/core/agent";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Every ten minutes, by whichever worker gets it: makes the logs of runs that go on small. */
export const compactRunsTask = defineTask({
  name: "compact_runs",
  payload: z.object({}),
  async run(ctx, _payload, { log, signal }) {
    const deleted = await compactRunning(ctx, signal);
    if (deleted > 0) log.info({ deleted }, "deltas of finished messages compacted");
  },
});
