const FREE = { field: 0, multiplier: 1 };

/** What the relay plugin generates, described. */
export const relayDescriptions = {
  nodeTypeOptions: {
    description: "An object with an id of its own, to be fetched again with `node`.",
  },
  idFieldOptions: { description: "Opaque public id; the prefix before the underscore names the type." },
  pageInfoTypeOptions: { description: "Where a page stands in its list." },
  hasNextPageFieldOptions: {
    description: "More follows after `endCursor` (older entries, as lists are newest first).",
  },
  hasPreviousPageFieldOptions: {
    description: "More lies before `startCursor`; false when paging forwards from the start.",
  },
  startCursorFieldOptions: { description: "Cursor of the first entry; null on an empty page." },
  endCursorFieldOptions: { description: "Cursor of the last entry, for `after`; null on an empty page." },
  firstArgOptions: {
    description: "Page size going forwards, 1 to 100; 50 when neither `first` nor `last` is given.",
  },
  lastArgOptions: { description: "Page size going backwards, 1 to 100; not together with `first`." },
  afterArgOptions: { description: "Entries after (older than) this cursor." },
  beforeArgOptions: { description: "Entries before (newer than) this cursor." },
  cursorFieldOptions: {
    description: "Opaque position of the entry; stays valid when other entries come or go.",
  },
  nodeFieldOptions: { description: "The entry.", nullable: false as const },
  edgesFieldOptions: {
    description: "The entries of the page, newest first.",
    nullable: { list: false, items: false } as { list: false; items: false },
    complexity: FREE,
  },
  pageInfoFieldOptions: { description: "Where this page stands; costs no extra query.", complexity: FREE },
  defaultEdgeTypeOptions: { description: "One entry of a page with its cursor." },
};
