import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Served {
  /** e.g. http://127.0.0.1:41234 */
  readonly url: string;
  close(): Promise<void>;
}

function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  const url = `http://${incoming.headers.host}${incoming.url}`;
  const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream) : null;
  return new Request(url, { method: incoming.method, headers, body, duplex: "half" } as RequestInit);
}

/** Serves an app on a free loopback port, so that a browser or a real socket can reach it. */
export async function serve(app: { fetch(request: Request): Response | Promise<Response> }): Promise<Served> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const response = await app.fetch(requestOf(incoming));
      outgoing.statusCode = response.status;
      outgoing.setHeaders(response.headers);
      if (response.body) await pipeline(Readable.fromWeb(response.body as never), outgoing);
      else outgoing.end();
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
