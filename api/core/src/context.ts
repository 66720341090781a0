import type { DbContext } from "@shiplog/db";
import type {
  AgentTypeInfo,
  Bus,
  Clock,
  Jobs,
  Log,
  Mailer,
  PasswordHasher,
  RateLimits,
  SecretBox,
} from "./ports.ts";
import type { Telemetry } from "./telemetry.ts";

/** Durations and limits the composition root takes from the environment; tests set them short. */
export interface Settings {
  /** e.g. http://127.0.0.1:4000, without a trailing slash; webhook URLs and cookies follow it. */
  readonly publicUrl: string;
  /** How long a claim of an agent execution holds without renewal (ms). */
  readonly leaseMs: number;
  /** How often a claim is renewed (ms). */
  readonly leaseRenewMs: number;
  /** Silence after which an external run fails (ms). */
  readonly externalSilenceMs: number;
  /** At most one text event per execution in this window (ms). */
  readonly textWindowMs: number;
  /** Folders of this machine that an administrator may name in a run. */
  readonly workspaces: readonly string[];
  /** Folders that no run may read although they lie in a workspace: the data directory. */
  readonly privatePaths?: readonly string[];
}

/** Where a request came from; for the audit log. Whatever is not known is null. */
export interface Origin {
  readonly address: string | null;
  readonly userAgent: string | null;
  /** Correlation id. */
  readonly requestId: string | null;
}

/** What every core function takes first: a plain object of ports, never a request. */
export interface Context extends DbContext {
  readonly clock: Clock;
  /** A new UUIDv7. */
  readonly newId: () => string;
  readonly randomBytes: (size: number) => Buffer;
  /** See core/live/cursor.ts; part of every stream cursor. */
  readonly epoch: string;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly secrets: SecretBox;
  readonly passwords: PasswordHasher;
  readonly mailer: Mailer;
  readonly limits: RateLimits;
  readonly settings: Settings;
  /** The agents that this installation runs itself (of `AgentRuntime.definitions`); external runs name any type. */
  readonly agentTypes: readonly AgentTypeInfo[];
  /** Secrets of the installation itself (keys of model providers, of the key ring), to be kept out of what is stored. */
  readonly ownSecrets?: readonly string[];
  /** Of the request that this copy of the context was made for, at the edge; absent in jobs. */
  readonly origin?: Origin | null;
}
