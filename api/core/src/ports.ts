import type { DbOrTx } from "@shiplog/db";

/** Anything that serialises to JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Clock {
  now(): Date;
}

/** Structured log; the composition root binds it to pino. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Wake-ups between writers and readers of streams. A wake-up is a hint: it may be lost, late or doubled, and
 * its content is never trusted; readers read the log.
 */
export interface Bus {
  /** Called after commit with the streams that grew. */
  wake(streamIds: readonly string[]): void;
  /** `null` = anything may have grown (a wake-up from another process, or a bus that came back). */
  onWake(listener: (streamIds: readonly string[] | null) => void): () => void;
  /** Somebody lost or gained access: every process looks its open streams over. */
  accessChanged(): void;
  onAccessChanged(listener: () => void): () => void;
}

export type TaskName = "process_delivery" | "run_agent" | "prune_deltas";

export interface JobOptions {
  /** Jobs of one queue run one after another. */
  readonly queue?: string;
  /** A job with this key that has not started is replaced. */
  readonly key?: string;
  readonly runAt?: Date;
  readonly maxAttempts?: number;
}

/** Enqueues in the caller's transaction: the job exists when, and only when, the transaction commits. */
export interface Jobs {
  enqueue(db: DbOrTx, task: TaskName, payload: { readonly id?: string }, options?: JobOptions): Promise<void>;
}

/** Seals secrets with the key ring; `bind` (table, row, purpose) must be the same when opening. */
export interface SecretBox {
  seal(plain: Buffer, bind: string): Buffer;
  /** Throws when the envelope was altered, belongs to another row, or its key is not in the ring. */
  open(sealed: Uint8Array, bind: string): Buffer;
}

/** Argon2id behind a bounded pool. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/** What the executor offers a running step. */
export interface AgentStepIO {
  readonly signal: AbortSignal;
  readonly input: Json;
  /** Outputs of the steps committed before, by step name. */
  readonly outputs: Readonly<Record<string, Json>>;
  now(): Date;
  /** Calls `server/tool`; emits the tool call's events and charges the budget. */
  tool(server: string, tool: string, args: Json): Promise<Json>;
  /** A whole message. */
  message(role: string, text: string): Promise<void>;
  /** A piece of a message that streams; `message` with the same id closes it. */
  textDelta(messageId: string, text: string): Promise<void>;
  /** Closes a streamed message: stores the full text, which stands for its deltas. */
  finishMessage(messageId: string, role: string, text: string): Promise<void>;
  /** Tokens that one model request used; priced, recorded and charged to the budget. */
  usage(model: string, tokens: UsageCounts): Promise<void>;
}

/** Token counts in the canonical form (see core/activity): the totals include the parts. */
export interface UsageCounts {
  readonly inputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWrite5mTokens: bigint;
  readonly cacheWrite1hTokens: bigint;
  readonly outputTokens: bigint;
  readonly reasoningTokens: bigint;
}

export interface AgentStepDefinition {
  readonly name: string;
  /** Its return value is committed with the step; a takeover resumes after the last committed step. */
  run(io: AgentStepIO): Promise<Json>;
}

export interface AgentDefinition {
  readonly type: string;
  readonly description: string;
  /** A run must name a folder (inputData.path), or its project must have exactly one linked. */
  readonly needsWorkspace: boolean;
  readonly steps: readonly AgentStepDefinition[];
  /** The execution's outputData from its steps' outputs. */
  result(outputs: Readonly<Record<string, Json>>): Json;
}

/** What a starter needs to know of an agent. */
export type AgentTypeInfo = Pick<AgentDefinition, "type" | "description" | "needsWorkspace">;

/** The tools of one claim: child processes that live until `close`. */
export interface ToolHost {
  call(server: string, tool: string, args: Json, signal: AbortSignal): Promise<Json>;
  close(): Promise<void>;
}

export interface ToolScope {
  readonly projectId: string;
  /** A folder the executor has checked against the workspaces that the starter may name; null: no folder. */
  readonly workspacePath: string | null;
}

/** Agents that this installation can run. Implemented by @shiplog/agents, bound by the composition root. */
export interface AgentRuntime {
  readonly definitions: ReadonlyMap<string, AgentDefinition>;
  openTools(scope: ToolScope, signal: AbortSignal): Promise<ToolHost>;
}
