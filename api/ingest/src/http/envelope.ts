import { z } from "@hono/zod-openapi";
import type { RestContext } from "./env.ts";

const meta = z
  .object({
    requestId: z
      .string()
      .openapi({ description: "Names this request in the server's log.", example: "01hxc7n2m4" }),
  })
  .openapi("Meta");

const errorEntry = z
  .object({
    code: z.string().openapi({ description: "A stable word for programs.", example: "INVALID_INPUT" }),
    message: z.string().openapi({ description: "One sentence for people." }),
    path: z
      .array(z.union([z.string(), z.number()]))
      .optional()
      .openapi({
        description: "The place in the request that the error is about; absent when it is about all of it.",
      }),
  })
  .openapi("ErrorEntry");
export type ErrorEntry = z.infer<typeof errorEntry>;

/** The answer of a request that failed: `data` is null and `errors` says why. */
export const errorEnvelope = z
  .object({ data: z.null(), meta, errors: z.array(errorEntry).min(1) })
  .openapi("ErrorEnvelope");

/** The answer of a request that succeeded: `errors` is empty. */
export function envelope<T extends z.ZodType>(data: T) {
  return z.object({ data, meta, errors: z.array(errorEntry).max(0) });
}

/** The body of a success. */
export function ok<T>(c: RestContext, data: T) {
  return { data, meta: { requestId: c.var.requestId }, errors: [] };
}

/** The body of a failure. */
export function failed(c: RestContext, errors: readonly ErrorEntry[]) {
  return { data: null, meta: { requestId: c.var.requestId }, errors: [...errors] };
}
