import {
  ConflictError,
  ForbiddenError,
  type InputIssue,
  InvalidInputError,
  NotFoundError,
  UnauthenticatedError,
} from "@shiplog/core";
import { builder } from "../builder.ts";

/** Every expected failure; a client that knows only this one still has a message to show. */
export const ErrorInterface = builder.interfaceRef<Error>("Error").implement({
  description: "An expected failure of a mutation: news for the caller, not a fault of the server.",
  fields: (t) => ({
    message: t.exposeString("message", {
      description: "What happened, in a sentence fit to show to a person.",
    }),
  }),
});

const InputIssueType = builder.objectRef<InputIssue>("InputIssue").implement({
  description: "One rule that the input breaks.",
  fields: (t) => ({
    path: t.stringList({
      description: 'Where in the input, e.g. ["input", "slug"]; list positions as digits.',
      resolve: (issue) => issue.path.map(String),
    }),
    message: t.exposeString("message", { description: "What is wrong there." }),
  }),
});

builder.objectType(NotFoundError, {
  name: "NotFoundError",
  description: "The object does not exist, or the caller may not know that it does.",
  interfaces: [ErrorInterface],
});

builder.objectType(ForbiddenError, {
  name: "ForbiddenError",
  description: "The caller sees the project but his role, or the key's scopes, lack the power.",
  interfaces: [ErrorInterface],
});

builder.objectType(UnauthenticatedError, {
  name: "UnauthenticatedError",
  description: "No valid session, access token or API key came with the request.",
  interfaces: [ErrorInterface],
});

builder.objectType(ConflictError, {
  name: "ConflictError",
  description: "Something of that name or key exists already.",
  interfaces: [ErrorInterface],
});

builder.objectType(InvalidInputError, {
  name: "InvalidInputError",
  description: "The input breaks a rule; nothing was written.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: "Each broken rule; empty when the rule is about the input as a whole.",
      resolve: (error) => [...error.issues],
    }),
  }),
});
