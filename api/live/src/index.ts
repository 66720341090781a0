export { createLive, type LiveServer } from "./live.ts";
export type { Caller, Credential, HeaderReader, Limits, LiveOptions } from "./options.ts";
export { CLOSE } from "./websocket/codes.ts";
