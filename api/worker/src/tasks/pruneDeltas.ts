import { pruneDeltas } from "@shiplog/core/agent";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Makes the log of an ended execution small: a whole message stands for the pieces that it streamed in. */
export const pruneDeltasTask = defineTask({
  name: "prune_deltas",
  payload: z.object({ id: z.uuid() }),
  async run(ctx, { id }, { log }) {
    const deleted = await pruneDeltas(ctx, { id });
    log.debug({ executionId: id, deleted }, "deltas pruned");
  },
});
