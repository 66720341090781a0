import { BusyError } from "@shiplog/core";
import {
  assertPerson,
  changePassword,
  createPasswordResetLink,
  InvalidCredentialsError,
  listPasswordResetRequests,
  type ResetWish,
  TooManyAttemptsError,
} from "@shiplog/core/account";
import { builder } from "../builder.ts";
import { actorOf } from "../shared/access.ts";
import { mutation } from "../shared/mutation.ts";

mutation("changePassword", {
  description:
    "Sets the caller's own password. His other sessions end within a second. An account without a password gets its first by a reset link.",
  errors: [InvalidCredentialsError, TooManyAttemptsError, BusyError],
  never: ["NotFoundError"],
  input: (t) => ({
    currentPassword: t.string({ required: true, description: "The one he signs in with now." }),
    newPassword: t.string({ required: true, description: "8 to 1024 characters." }),
  }),
  resolve: (ctx, actor, input) => changePassword(ctx, assertPerson(actor), input),
  payload: (t) => ({
    endedSessions: t.exposeInt("endedSessions", { description: "How many other sessions ended." }),
  }),
});

mutation("createPasswordResetLink", {
  description:
    "Makes a link with which somebody sets a new password, to be passed on by hand; his earlier links stop working. For administrators.",
  input: (t) => ({
    email: t.string({ required: true, description: "The address the person signs in with." }),
  }),
  resolve: (ctx, actor, input) => createPasswordResetLink(ctx, actor, input),
  payload: (t) => ({
    link: t.exposeString("link", { description: "The link; works once. In this answer only." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "When it stops working: in a day." }),
  }),
});

const PasswordResetRequest = builder.objectRef<ResetWish>("PasswordResetRequest").implement({
  description: "Somebody forgot a password, and no mail could be sent: an administrator makes him a link.",
  fields: (t) => ({
    email: t.string({
      description: "For `createPasswordResetLink`.",
      resolve: ({ user }) => user.email,
    }),
    name: t.string({ description: "What the person is called.", resolve: ({ user }) => user.name }),
    address: t.exposeString("address", {
      nullable: true,
      description: "The network address that asked; null when unknown.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was asked for." }),
  }),
});

builder.queryField("passwordResetRequests", (t) =>
  t.field({
    type: [PasswordResetRequest],
    description:
      "Wishes for a new password that wait for an administrator, newest first, at most 100; FORBIDDEN for everybody else. One statement.",
    authScopes: { person: true },
    complexity: { field: 1, multiplier: 20 },
    resolve: (_root, _args, ctx) => listPasswordResetRequests(ctx.core, actorOf(ctx)),
  }),
);
