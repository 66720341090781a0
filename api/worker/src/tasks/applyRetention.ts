import { applyRetention } from "@shiplog/core/project";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Once an hour, by whichever worker gets it: removes what projects no longer keep. */
export const applyRetentionTask = defineTask({
  name: "apply_retention",
  payload: z.object({}),
  async run(ctx, _payload, { log, signal }) {
    const pruned = await applyRetention(ctx, { signal });
    if (Object.values(pruned).some((count) => count > 0)) log.info({ pruned }, "retention applied");
  },
});
