import { tendAccounts } from "@shiplog/core/account";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Each hour: replaces an old signing key, deletes sessions, links and counts that ended long ago. */
export const tendAccountsTask = defineTask({
  name: "tend_accounts",
  payload: z.object({}),
  async run(ctx, _payload, { log }) {
    log.debug({ ...(await tendAccounts(ctx)) }, "accounts tended");
  },
});
