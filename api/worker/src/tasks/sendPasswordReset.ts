import { sendPasswordReset } from "@shiplog/core/account";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Mails the link; a mail server that is away makes the job come again. */
export const sendPasswordResetTask = defineTask({
  name: "send_password_reset",
  payload: z.object({ id: z.uuid() }),
  run: (ctx, { id }) => sendPasswordReset(ctx, { id }),
});
