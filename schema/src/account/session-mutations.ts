import { encodeId } from "@shiplog/core";
import { assertPerson, endSession, endSessions } from "@shiplog/core/account";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";

mutation("endSession", {
  description:
    "Ends one of the caller's own sessions, wherever it is; its requests stop at once and its streams within a second. Ending it twice answers the same.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The session." }) }),
  resolve: async (ctx, actor, input) => {
    const id = uuidOf("Session", input.id);
    await endSession(ctx, assertPerson(actor), { id });
    return { id };
  },
  payload: (t) => ({
    endedId: t.id({ description: "The id it had.", resolve: ({ id }) => encodeId("Session", id) }),
  }),
});

mutation("endSessions", {
  description: "Signs the caller out everywhere. This browser's cookies stay, but are good for nothing.",
  never: ["InvalidInputError", "NotFoundError"],
  input: (t) => ({
    keepThis: t.boolean({ description: "Leave the present session alone; false when not said." }),
  }),
  resolve: (ctx, actor, { keepThis }) =>
    endSessions(ctx, assertPerson(actor), { keepThis: keepThis ?? false }),
  payload: (t) => ({
    endedSessions: t.exposeInt("endedSessions", { description: "How many sessions ended." }),
  }),
});
