import { sendInvitation } from "@shiplog/core/account";
import { z } from "zod";
import { defineTask } from "../task.ts";

/** Mails the link; a mail server that is away makes the job come again. */
export const sendInvitationTask = defineTask({
  name: "send_invitation",
  payload: z.object({ id: z.uuid() }),
  run: (ctx, { id }) => sendInvitation(ctx, { id }),
});
