import { rewrapSecrets } from "@shiplog/core/account";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Once after each start: wraps what another key than the ring's first has sealed. */
export const rewrapSecretsTask = defineTask({
  name: "rewrap_secrets",
  payload: z.object({}),
  async run(ctx, _payload, { log, signal }) {
    const done = await rewrapSecrets(ctx, signal);
    if (done.rewrapped + done.failed > 0) log.info(done, "stored secrets re-wrapped");
  },
});
