import { connect, createServer, type Socket } from "node:net";

/** A TCP relay whose connections a test can cut, as a bad network does. */
export interface TcpProxy {
  readonly port: number;
  /** Sets where new connections go. */
  target(port: number): void;
  /** Resets every open connection. */
  cut(): number;
  close(): Promise<void>;
}

export async function startProxy(): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let targetPort = 0;
  const server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    const pair = [client, upstream] as const;
    for (const socket of pair) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        for (const other of pair) other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    target: (port) => {
      targetPort = port;
    },
    cut: () => {
      const count = open.size;
      for (const socket of open) socket.resetAndDestroy();
      return count;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
