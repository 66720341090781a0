/** A batch as the tests ask for it. */
export interface TestBatch {
  readonly events: readonly { readonly seq: number; readonly text: string }[];
  readonly cursor: string;
  readonly caughtUp: boolean;
  readonly reset: boolean;
}

const BATCH = "events { seq text } cursor caughtUp reset";

export const RUN = `subscription ($id: ID!, $after: String, $tail: Int) {
  batch: agentExecutionEvents(id: $id, after: $after, tail: $tail) { ${BATCH} }
}`;

export const PROJECT = `subscription ($id: ID!, $after: String, $tail: Int) {
  batch: projectEvents(id: $id, after: $after, tail: $tail) { ${BATCH} }
}`;
