import { connectSocket } from "@shiplog/testkit/socket";
import { openEvents } from "@shiplog/testkit/sse";
import type { ContractBatch, Data } from "./record.ts";

/** What a reader sees of one subscription; null: it is over. */
export interface Reading {
  /** The next batch, "complete", or the code of the error that refused or ended it. */
  next(): Promise<ContractBatch | "complete" | { readonly error: unknown }>;
  stop(): Promise<void> | void;
}

interface Asked {
  readonly url: string;
  readonly token: string;
  readonly query: string;
  readonly id: string;
  readonly after?: string | undefined;
  readonly tail?: number | undefined;
}

export type Transport = (asked: Asked) => Promise<Reading>;

interface Failure {
  readonly extensions?: { readonly code?: unknown };
}

const failure = (errors: readonly Failure[] | undefined) => ({ error: errors?.[0]?.extensions?.code });

export const overWebSocket: Transport = async ({ url, token, query, ...variables }) => {
  const client = await connectSocket(url, { params: { authorization: token } });
  const operation = client.subscribe(query, variables);
  return {
    async next() {
      const message = await operation.next();
      if (message?.type === "next") return (message.payload.data as unknown as Data).batch;
      return message?.type === "complete" ? "complete" : failure(message?.payload);
    },
    stop: () => client.close(),
  };
};

async function events(asked: Asked, variables: object, headers: { [name: string]: string }) {
  const { url, token, query } = asked;
  const authorization = `Bearer ${token}`;
  const reader = await openEvents(url, { query, variables: { ...variables } }, { authorization, ...headers });
  const { response } = reader;
  const reading: Reading = {
    async next() {
      if (response.status === 204) return "complete";
      if (!response.ok) {
        // Its body was read as events, which it does not hold.
        return { error: response.status };
      }
      const message = await reader.message<{ data?: Data; errors?: Failure[] } | null>();
      if (!message || message.event === "complete") return "complete";
      return message.data?.data?.batch ?? failure(message.data?.errors);
    },
    stop: () => reader.close(),
  };
  return reading;
}

export const overSse: Transport = (asked) => {
  const { id, after, tail } = asked;
  return events(asked, { id, after, tail }, {});
};

/** As an event source that comes back: the position is in the header, whatever the variables say. */
export const overSseAgain: Transport = (asked) =>
  events(asked, { id: asked.id, tail: 0 }, { "last-event-id": asked.after ?? "" });
