export type { StreamKind } from "../actor.ts";
export { cleanJson, cleanText } from "../clean.ts";
export { type AccessLoss, AccessWatch, type Holder } from "./access.ts";
export type { Append, Appended, NewEvent } from "./append.ts";
export type { Attachment, StreamHolder } from "./attachment.ts";
export { cutText, type Fitted, fitText, INLINE_LIMIT, jsonBytes } from "./content.ts";
export { type Cursor, decodeCursor, encodeCursor, loadEpoch } from "./cursor.ts";
export { type Feed, SLICE, type Slice } from "./feed.ts";
export { isOutage } from "./outage.ts";
export { type Batch, batchOf, beginAt, resetBatch } from "./position.ts";
export { type PruneStreamsInput, pruneStreams } from "./prune.ts";
export {
  PAGE_BYTES,
  PAGE_EVENTS,
  readEvents,
  readHeads,
  type StoredEvent,
  type StreamHead,
} from "./queries.ts";
export { StreamReader } from "./reader.ts";
export type { AccessScope } from "./scope.ts";
export {
  createStreams,
  type StreamHub,
  type StreamOptions,
  type StreamRequest,
  type Streams,
} from "./streams.ts";
export { type CreateStreamTokenInput, createStreamToken, type StreamToken } from "./tokens.ts";
