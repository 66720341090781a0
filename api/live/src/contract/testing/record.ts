/** What every client asks for; the product's own schema answers. */
export const RUN = `subscription Run($id: ID!, $after: String, $tail: Int) {
  batch: agentExecutionEvents(id: $id, after: $after, tail: $tail) {
    cursor caughtUp reset
    events { __typename seq ... on AgentTextDelta { text } ... on AgentMessage { messageId fromSeq }
      ... on AgentStatusChanged { status } }
  }
}`;

export const PROJECT = `subscription Project($id: ID!, $after: String, $tail: Int) {
  batch: projectEvents(projectId: $id, after: $after, tail: $tail) { cursor caughtUp reset events { __typename seq } }
}`;

interface ContractEvent {
  readonly __typename: string;
  readonly seq: number;
  readonly fromSeq?: number | null;
  readonly status?: string;
}

export interface ContractBatch {
  readonly events: readonly ContractEvent[];
  readonly cursor: string;
  readonly caughtUp: boolean;
  readonly reset: boolean;
}

export type Data = { readonly batch: ContractBatch };

/** How a subscription ended: the stream's own end, an error of the operation, or a close that is not retried. */
export type End = "complete" | { readonly error: unknown } | { readonly close: number };

export interface Target {
  /** The GraphQL endpoint, over http. */
  readonly url: string;
  readonly execution: string;
  /** The access token to connect with, asked for at every connection. */
  readonly token: () => string | Promise<string>;
}

/** What one client saw. */
export class Record {
  /** Every seq, in the order and as often as it was delivered. */
  readonly seqs: number[] = [];
  readonly statuses: string[] = [];
  /** From the end of a connection to the next batch, of each (ms). */
  readonly gaps: number[] = [];
  resets = 0;
  connections = 0;
  cursor: string | null = null;
  #cutAt: number | null = null;
  readonly end: Promise<End>;
  /** Settles `end`; the first call counts. */
  readonly finish: (end: End) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<End>();
    this.end = promise;
    this.finish = resolve;
  }

  /** It has lost its connection and was told nothing since. */
  get away(): boolean {
    return this.#cutAt !== null;
  }

  cut(): void {
    if (this.connections > 0) this.#cutAt ??= performance.now();
  }

  /** Applies a batch and keeps its cursor, in one step. */
  apply(batch: ContractBatch): void {
    if (this.#cutAt !== null) this.gaps.push(performance.now() - this.#cutAt);
    this.#cutAt = null;
    if (batch.reset) this.resets++;
    for (const event of batch.events) {
      this.seqs.push(event.seq);
      if (event.status) this.statuses.push(event.status);
    }
    this.cursor = batch.cursor;
  }

  get lastSeq(): number {
    return this.seqs.at(-1) ?? 0;
  }
}

/** Starts a client; `stop` lets go of everything. */
export type Follow = (target: Target) => { readonly record: Record; stop(): void };

/** The end that an error of the operation is. */
export function failed(errors: readonly { readonly extensions?: { readonly code?: unknown } }[]): End {
  return { error: errors[0]?.extensions?.code };
}
