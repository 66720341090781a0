import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Gets each line that the child writes to stderr, cut to a bound. */
  readonly onStderr?: (line: string) => void;
}

export type GroupLeader = ChildProcessByStdio<Writable, Readable, Readable>;

const STDERR_KEPT = 4 * 1024;

/** A child process that leads its own process group, so that its own children end with it. */
export class ProcessGroup {
  readonly leader: GroupLeader;
  readonly #ended: Promise<unknown>;
  readonly #graceMs: number;
  #stderr = "";
  #line = "";

  constructor(spec: ProcessSpec, graceMs: number) {
    this.#graceMs = graceMs;
    this.leader = spawn(spec.command, [...spec.args], {
      env: { ...spec.env },
      cwd: spec.cwd,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      shell: false,
    });
    this.#ended = once(this.leader, "exit").catch(() => undefined);
    this.leader.stderr.setEncoding("utf8");
    this.leader.stderr.on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      if (spec.onStderr) this.#tell(text, spec.onStderr);
    });
    // The leader's own children may outlive it for a moment; the group's id stays theirs until they end.
    this.leader.once("exit", () => this.#signal("SIGKILL"));
  }

  get pid(): number | null {
    return this.leader.pid ?? null;
  }

  /** The end of what the process wrote to stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  get running(): boolean {
    return this.leader.pid !== undefined && this.leader.exitCode === null && this.leader.signalCode === null;
  }

  /** Whole lines; of one that does not end, its first part. */
  #tell(text: string, onStderr: (line: string) => void): void {
    const lines = (this.#line + text).split("\n");
    this.#line = (lines.pop() ?? "").slice(0, STDERR_KEPT);
    for (const line of lines) if (line.trim()) onStderr(line.slice(0, STDERR_KEPT));
  }

  /** SIGTERM to the group, SIGKILL after the grace; answers when the leader is gone. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.leader.stdin.destroy();
    this.#signal("SIGTERM");
    const patience = new AbortController();
    const late = delay(this.#graceMs, "late" as const, { signal: patience.signal }).catch(() => null);
    if ((await Promise.race([this.#ended, late])) === "late") this.#signal("SIGKILL");
    patience.abort();
    await this.#ended;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.leader.pid === undefined) return;
    try {
      process.kill(-this.leader.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
