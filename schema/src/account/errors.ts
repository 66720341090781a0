import { BusyError } from "@shiplog/core";
import { InvalidCredentialsError, LinkNotValidError, TooManyAttemptsError } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import { ErrorInterface } from "../shared/errors.ts";

builder.objectType(InvalidCredentialsError, {
  name: "InvalidCredentialsError",
  description: "The password is not the person's.",
  interfaces: [ErrorInterface],
});

builder.objectType(LinkNotValidError, {
  name: "LinkNotValidError",
  description: "The link was used, replaced, revoked, or has run out; it is never said which.",
  interfaces: [ErrorInterface],
});

builder.objectType(TooManyAttemptsError, {
  name: "TooManyAttemptsError",
  description: "Too many attempts in a row; nothing was looked at.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt("retryAfterSeconds", {
      description: "Seconds until the next attempt is looked at.",
    }),
  }),
});

builder.objectType(BusyError, {
  name: "BusyError",
  description:
    "Too many passwords are being checked at the moment; the same request may pass a little later.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    retryAfterSeconds: t.exposeInt("retryAfterSeconds", {
      description: "Seconds to wait before the next try.",
    }),
  }),
});
