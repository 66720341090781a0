export { type Accepted, type Asked, type Checked, Documents, documentId, documentIdOf } from "./document.ts";
export { statusOf } from "./errors.ts";
export { createLive, type LiveServer, type LiveStats } from "./live.ts";
export type { Admission, Caller, Credential, HeaderReader, Limits, LiveOptions } from "./options.ts";
export { CLOSE } from "./websocket/codes.ts";
