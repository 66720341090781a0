import { ApolloClient, CombinedGraphQLErrors, gql, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { subscriptionExchange, Client as UrqlClient } from "@urql/core";
import { type Client, createClient, type SubscribePayload } from "graphql-ws";
import { type Data, type Follow, failed, Record, RUN, type Target } from "./record.ts";

/** A client's own pauses between attempts, for a test that does not wait. */
const SOON_MS = 20;

function socketClient(
  target: Target,
  record: Record,
  retryAttempts: number,
  pause: () => number = () => SOON_MS,
): Client {
  return createClient({
    url: target.url.replace(/^http/, "ws"),
    connectionParams: async () => ({ authorization: `Bearer ${await target.token()}` }),
    retryAttempts,
    // By default it gives up when a connection breaks with an error event, as a reset one does.
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, pause())),
    on: { connected: () => void record.connections++, closed: () => record.cut() },
  });
}

function closeCode(error: unknown): number | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "number" ? code : null;
}

/** graphql-ws with its own retries: the payload is sent anew at each, so the cursor goes into its variables. */
export const graphqlWs = (
  target: Target,
  options: {
    readonly resume?: boolean;
    readonly onSocket?: (socket: WebSocket) => void;
    /** Between two attempts (ms). */
    readonly pause?: () => number;
  } = {},
): ReturnType<Follow> => {
  const record = new Record();
  const client = socketClient(target, record, 50, options.pause);
  client.on("connected", (socket) => options.onSocket?.(socket as WebSocket));
  const variables = { id: target.execution, after: null as string | null };
  client.subscribe<Data>(
    { query: RUN, variables },
    {
      next: ({ data }) => {
        if (data) record.apply(data.batch);
        if (options.resume ?? true) variables.after = record.cursor;
      },
      error: (error) => {
        const code = closeCode(error);
        record.finish(code === null ? failed(error as []) : { close: code });
      },
      complete: () => record.finish("complete"),
    },
  );
  return { record, stop: () => void client.dispose() };
};

/** Codes after which a client that subscribes anew by itself does not. */
const FATAL = new Set([4400, 4401, 4406, 4409, 4429]);

/**
 * What a client does whose library does not retry a subscription: subscribes anew with the cursor, unless the
 * close is one of those after which it does not.
 */
function again(record: Record, code: number | null, subscribe: () => void): void {
  if (code !== null && FATAL.has(code)) record.finish({ close: code });
  else setTimeout(subscribe, SOON_MS);
}

/** urql with the exchange and the glue of its documentation. */
export const urql: Follow = (target) => {
  const record = new Record();
  const sockets = socketClient(target, record, 0);
  const client = new UrqlClient({
    url: target.url,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: sockets.subscribe(
              { ...request, query: request.query ?? "" } as SubscribePayload,
              sink as never,
            ),
          }),
        }),
      }),
    ],
  });
  let stop = () => {};
  const subscribe = () => {
    const variables = { id: target.execution, after: record.cursor };
    const { unsubscribe } = client.subscription<Data>(RUN, variables).subscribe((result) => {
      if (result.error?.graphQLErrors.length) record.finish(failed(result.error.graphQLErrors));
      else if (result.error) again(record, closeCode(result.error.networkError), subscribe);
      // At the end urql hands the last result out once more, as one that nothing follows.
      else if (!result.hasNext) record.finish("complete");
      else if (result.data) record.apply(result.data.batch);
    });
    stop = unsubscribe;
  };
  subscribe();
  return {
    record,
    stop: () => {
      stop();
      void sockets.dispose();
    },
  };
};

/** Apollo Client over its WebSocket link; "no-cache": events are no entities. */
export const apollo: Follow = (target) => {
  const record = new Record();
  const sockets = socketClient(target, record, 0);
  const client = new ApolloClient({ link: new GraphQLWsLink(sockets), cache: new InMemoryCache() });
  const query = gql(RUN);
  let stop = () => {};
  const subscribe = () => {
    let failure: unknown = null;
    const following = client
      .subscribe<Data>({
        query,
        variables: { id: target.execution, after: record.cursor },
        fetchPolicy: "no-cache",
      })
      .subscribe({
        next: ({ data, error }) => {
          if (data) record.apply(data.batch as Data["batch"]);
          failure = error ?? failure;
        },
        complete: () => {
          if (failure === null) record.finish("complete");
          else if (CombinedGraphQLErrors.is(failure)) record.finish(failed(failure.errors as []));
          // The link makes the close a text.
          else again(record, Number(/\b\d{4}\b/.exec(String(failure))?.[0] ?? 1006), subscribe);
        },
      });
    stop = () => following.unsubscribe();
  };
  subscribe();
  return {
    record,
    stop: () => {
      stop();
      client.stop();
      void sockets.dispose();
    },
  };
};
