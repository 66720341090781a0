import { createServer, type IncomingMessage, type Server, type ServerOptions } from "node:http";

/** How long a peer may take (ms). */
export interface HttpTimes
  extends Required<Pick<ServerOptions, "headersTimeout" | "requestTimeout" | "keepAliveTimeout">> {
  /** How often the first two are looked at: a slow peer may hold its connection for so much longer. */
  readonly connectionsCheckingInterval: number;
  /**
   * Between two bytes, either way: a peer that takes nothing of its answer is cut off. Longer than any answer is worked
   * on; streams have a time and signs of life of their own.
   */
  readonly stallTimeout: number;
}

/** For its headers ten seconds, for its whole request thirty, for taking its answer a minute at a standstill. */
export const HTTP_TIMEOUTS: HttpTimes = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than proxies keep theirs (nginx: 60 s): who closes an idle connection must be the one who sends on it.
  keepAliveTimeout: 75_000,
  // Unless told, Node looks every 30 s.
  connectionsCheckingInterval: 2_000,
  stallTimeout: 60_000,
};

/** An HTTP server that cuts off who is too slow. */
export function createHttpServer(times: Partial<HttpTimes> = {}): Server {
  const { stallTimeout, ...options } = { ...HTTP_TIMEOUTS, ...times };
  // Some clients offer HTTP/2 with every request: what is no WebSocket's is answered as if nothing had been offered.
  const shouldUpgradeCallback = ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === "websocket";
  const server = createServer({ ...options, shouldUpgradeCallback });
  server.timeout = stallTimeout;
  return server;
}
