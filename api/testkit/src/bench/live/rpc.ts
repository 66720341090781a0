import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onCore } from "./machine.ts";

/** What a process of the benchmark answers to; the types are shared, the code is not. */
type Methods = Record<string, (params: never) => unknown>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** In a process that was started by `startProcess`: answers until whoever started it is gone. */
export function answerCalls(methods: Methods): void {
  const send = (answer: Answer) => void process.send?.(answer);
  process.on("message", async ({ id, method, params }: Call) => {
    try {
      const result = await methods[method]?.(params as never);
      send({ id, result });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

export interface Remote<M extends Methods> {
  readonly pid: number;
  /** Rejects with the other side's error, when it ended, and after `timeoutMs`. */
  call<K extends keyof M & string>(
    method: K,
    ...rest: Parameters<M[K]> extends [] ? [] : [params: Parameters<M[K]>[0], timeoutMs?: number]
  ): Promise<Awaited<ReturnType<M[K]>>>;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** Path of the program, relative to this folder. */
  readonly script: string;
  readonly core: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const CALL_MS = 90_000;
const STOP_MS = 5_000;

/** Starts a program on one core and speaks with it; it ends with us, whatever happens. */
export function startProcess<M extends Methods>(options: ProcessOptions): Remote<M> {
  const { script, core, args = [], env = {} } = options;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const [command = "", ...rest] = onCore(core, [process.execPath, "--expose-gc", path, ...args]);
  const child = spawn(command, rest, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
    env: { ...process.env, ...env },
  });
  const pending = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  child.on("message", (answer: Answer) => pending.get(answer.id)?.(answer));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = (why: string) => {
    for (const [id, settle] of pending) settle({ id, error: `${script} ${args.join(" ")}: ${why}` });
  };
  child.once("exit", (code, signal) => end(`it ended with ${signal ?? code}`));
  child.once("error", (error) => end(error.message));
  const call = (method: string, params?: unknown, timeoutMs = CALL_MS) => {
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(
      () => pending.get(id)?.({ id, error: `${script} ${method}: no answer` }),
      timeoutMs,
    );
    pending.set(id, ({ result, error }) => {
      clearTimeout(timer);
      pending.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    if (child.connected) child.send({ id, method, params } satisfies Call);
    else pending.get(id)?.({ id, error: `${script} is gone` });
    return promise;
  };
  return { pid: child.pid ?? 0, call: call as Remote<M>["call"], stop: () => stop(child, ended) };
}

/** The end of the channel ends the program; one that hangs is killed. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(timer);
}
