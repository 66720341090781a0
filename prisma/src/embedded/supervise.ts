import type { EmbeddedLog } from "./log.ts";
import { endOrphan } from "./orphan.ts";
import type { Place } from "./place.ts";
import { sleep } from "./processes.ts";
import { type ServerProcess, startServer, stopServer } from "./server.ts";

export interface SuperviseOptions {
  readonly place: Place;
  readonly socketDir: string;
  readonly settings?: Record<string, string>;
  readonly log: EmbeddedLog;
}

export interface SupervisedServer {
  stop(): Promise<void>;
  onExit(listener: (error: Error) => void): void;
}

/** More deaths than this within the window mean that another start would not help. */
const RESTARTS = { most: 3, windowMs: 60_000 };

/** Runs the server and brings it back, on the same socket, when it dies under us. */
export async function superviseServer(options: SuperviseOptions): Promise<SupervisedServer> {
  const { place, socketDir, settings, log } = options;
  const listeners: ((error: Error) => void)[] = [];
  const deaths: number[] = [];
  let stopping = false;
  let server = await startServer(place, socketDir, settings);
  let restarting: Promise<void> | null = null;

  // Ends the server even when the process leaves without `stop`; it then shuts down by itself.
  const onProcessExit = () => void server.child.kill("SIGINT");
  process.on("exit", onProcessExit);

  const watch = (running: ServerProcess) =>
    void running.exited.then(() => {
      if (!stopping) restarting = restart();
    });

  const restart = async (): Promise<void> => {
    const now = Date.now();
    deaths.push(now);
    const recent = deaths.filter((at) => now - at < RESTARTS.windowMs).length;
    log.error({ recent }, "the embedded PostgreSQL died");
    try {
      if (recent > RESTARTS.most) throw new Error("the embedded PostgreSQL keeps dying; see its server.log");
      await sleep(100 * 2 ** (recent - 1));
      if (stopping) return;
      await endOrphan(place.cluster, log);
      server = await startServer(place, socketDir, settings);
      log.warn({ recent }, "the embedded PostgreSQL is back");
      watch(server);
    } catch (error) {
      for (const listener of listeners) listener(error as Error);
    }
  };

  watch(server);
  return {
    async stop() {
      stopping = true;
      await restarting;
      process.off("exit", onProcessExit);
      await stopServer(server);
    },
    onExit: (listener) => void listeners.push(listener),
  };
}
