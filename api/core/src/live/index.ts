export { type AccessLoss, AccessWatch, type Holder } from "./access.ts";
export type { Append, Appended, NewEvent, StreamKind } from "./append.ts";
export { cleanJson, cleanText } from "./clean.ts";
export { cutText, type Fitted, fitText, INLINE_LIMIT, jsonBytes } from "./content.ts";
export { type Cursor, decodeCursor, encodeCursor, loadEpoch } from "./cursor.ts";
export { isOutage } from "./outage.ts";
export {
  PAGE_BYTES,
  PAGE_EVENTS,
  readEvents,
  readHeads,
  type StoredEvent,
  type StreamHead,
} from "./queries.ts";
export { type Batch, StreamReader } from "./reader.ts";
export {
  createStreams,
  type StreamHub,
  type StreamOptions,
  type StreamRequest,
  type Streams,
} from "./streams.ts";
