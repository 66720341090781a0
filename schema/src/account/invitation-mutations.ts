import { ConflictError } from "@shiplog/core";
import {
  acceptInvitation,
  assertPerson,
  createInvitation,
  LinkNotValidError,
  revokeInvitation,
  TooManyAttemptsError,
} from "@shiplog/core/account";
import { Project } from "../project/type.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { Invitation } from "./invitation.ts";

mutation("createInvitation", {
  description:
    "Invites somebody to a project, whether or not he has an account; an earlier open invitation of that address is replaced. For owners.",
  errors: [ConflictError, TooManyAttemptsError],
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    email: t.string({ required: true, description: "Whom to invite." }),
    role: t.string({ required: true, description: "viewer, developer, maintainer or owner." }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const id = uuidOf("Project", projectId);
    const { invitation, link } = await createInvitation(ctx, actor, { ...input, projectId: id });
    return { id: invitation.id, link };
  },
  payload: (t) => ({
    invitation: t.loadable({
      type: Invitation,
      description: "The new invitation; its link works for 7 days.",
      ...visibleExactly("Invitation"),
      resolve: ({ id }) => id,
    }),
    link: t.exposeString("link", {
      nullable: true,
      description:
        "To be passed on by hand; in this answer only. Null when it goes out by mail, to that address only.",
    }),
  }),
});

mutation("revokeInvitation", {
  description: "Ends an open invitation; its link stops working at once. For owners.",
  errors: [ConflictError],
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The invitation." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: (await revokeInvitation(ctx, actor, { id: uuidOf("Invitation", id) })).id,
  }),
  payload: (t) => ({
    invitation: t.loadable({
      type: Invitation,
      description: "The invitation, revoked.",
      ...visibleExactly("Invitation"),
      resolve: ({ id }) => id,
    }),
  }),
});

mutation("acceptInvitation", {
  description:
    "Makes the caller a member of the project that a link invites to; once. Whoever has no account yet uses POST /api/v1/auth/invitations/accept.",
  errors: [LinkNotValidError, ConflictError],
  never: ["InvalidInputError", "NotFoundError"],
  input: (t) => ({
    token: t.string({ required: true, description: "What stands behind the # of the link." }),
  }),
  resolve: (ctx, actor, { token }) => acceptInvitation(ctx, assertPerson(actor), { token }),
  payload: (t) => ({
    project: t.loadable({
      type: Project,
      description: "The project he is a member of now.",
      ...visibleExactly("Project"),
      resolve: ({ projectId }) => projectId,
    }),
  }),
});
