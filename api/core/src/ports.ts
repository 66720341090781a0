import type { DbOrTx } from "@shiplog/db";

/**
 * What is counted apart: requests are GraphQL texts of one's own, mutations and REST; dashboard are its own queries;
 * streams are subscriptions that begin; deliveries are of an integration, bad signatures of an address.
 */
export type RateBucket =
  | "requests"
  | "dashboard"
  | "streams"
  | "append_events"
  | "append_bytes"
  | "telemetry_events"
  | "telemetry_bytes"
  | "deliveries"
  | "bad_signatures";

/** What is left of a bucket. */
export interface RateState {
  readonly bucket: RateBucket;
  readonly allowed: boolean;
  /** Points a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** When it is full again. */
  readonly resetAt: Date;
}

/** Rate limits over all processes. */
export interface RateLimits {
  /** Takes points from somebody's bucket; null when there are no limits. Never rejects: without its store it counts here. */
  take(bucket: RateBucket, who: string, points?: number): Promise<RateState | null>;
  stop(): Promise<void>;
}

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
  /**
   * Called after commit with the streams that grew. `committed`: what they grew by, handed over within this process
   * only, by the transaction itself; it never travels.
   */
  wake(streamIds: readonly string[], committed?: readonly CommittedEvents[]): void;
  /** `null` = anything may have grown (a wake-up from another process, or a bus that came back). */
  onWake(listener: WakeListener): () => void;
  /** Somebody lost or gained access: every process looks its open streams over. */
  accessChanged(): void;
  onAccessChanged(listener: () => void): () => void;
}

export type WakeListener = (
  streamIds: readonly string[] | null,
  committed?: readonly CommittedEvents[],
) => void;

/** The events that a committed transaction of this process appended to one stream, as the log holds them. */
export interface CommittedEvents {
  readonly streamId: string;
  /** In order, without a gap. */
  readonly events: readonly {
    readonly seq: number;
    readonly at: Date;
    readonly type: string;
    readonly data: Json;
  }[];
  /** The last of them is terminal. */
  readonly ends: boolean;
}

export type TaskName =
  | "process_delivery"
  | "run_agent"
  | "prune_deltas"
  | "apply_retention"
  | "compact_runs"
  | "send_password_reset"
  | "send_invitation"
  | "tend_accounts"
  | "rewrap_secrets";

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
  /** The keys of the ring; the first one seals. */
  readonly keyIds: readonly string[];
  seal(plain: Buffer, bind: string): Buffer;
  /** Throws when the envelope was altered, belongs to another row, or its key is not in the ring. */
  open(sealed: Uint8Array, bind: string): Buffer;
  /** The same secret wrapped by the first key; null when it is already. Throws as `open`. */
  rewrap(sealed: Uint8Array, bind: string): Buffer | null;
}

/** Argon2id behind a bounded pool. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/** One message of plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** How the program reaches people who do not look at it. */
export interface Mailer {
  /** False: no mail server is configured, and `send` tells whoever runs this installation instead. */
  readonly delivers: boolean;
  /** Resolves when the mail server has taken it; rejects when it did not, and the caller may try again. */
  send(mail: Mail): Promise<void>;
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
