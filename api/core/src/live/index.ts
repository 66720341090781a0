export type { Append, Appended, NewEvent, StreamKind } from "./append.ts";
export { type Fitted, fitText, INLINE_LIMIT } from "./content.ts";
export { type Cursor, decodeCursor, encodeCursor, loadEpoch } from "./cursor.ts";
export { readEvents, readHeads, type StoredEvent, type StreamHead } from "./queries.ts";
