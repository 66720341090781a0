export * from "./actor.ts";
export type { Context, Settings } from "./context.ts";
export * from "./errors.ts";
export { decodeId, decodeIdAs, encodeId, ID_PREFIX, type IdType, newUuid } from "./ids.ts";
export type * from "./ports.ts";
export { record, transact } from "./transaction.ts";
