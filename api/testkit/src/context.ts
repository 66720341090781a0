import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import {
  type Clock,
  type Context,
  createJobs,
  createLocalBus,
  createOperatorMailer,
  createPasswordHasher,
  createSecretBox,
  type Log,
  newUuid,
  type Settings,
  SILENT,
  UNLIMITED,
} from "@shiplog/core";
import { loadEpoch } from "@shiplog/core/live";
import { type Db, runNow } from "@shiplog/db";

/** What a context needs of a test database. */
export interface DatabaseHandle {
  readonly db: Db;
}

export type ContextOverrides = Partial<Omit<Context, "settings">> & {
  readonly settings?: Partial<Settings>;
};

const SYSTEM_CLOCK: Clock = { now: () => new Date() };

/** Short enough for tests that wait for a lease or a silence. */
const SETTINGS: Settings = {
  publicUrl: "http://127.0.0.1:4000",
  leaseMs: 1_500,
  leaseRenewMs: 500,
  externalSilenceMs: 5_000,
  textWindowMs: 50,
  workspaces: [tmpdir()],
};

/** Prints warnings and errors only; a test that wants the lines passes its own log. */
const LOG: Log = {
  debug() {},
  info() {},
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};

/**
 * A context on a test database with the real ports: in-process bus, real sealing and jobs, argon2id with cheap
 * parameters. Replace any of them, e.g. `{clock: createTestClock(), settings: {leaseMs: 300}}`.
 */
export async function makeContext(
  database: DatabaseHandle,
  overrides: ContextOverrides = {},
): Promise<Context> {
  const { settings, ...ports } = overrides;
  const log = ports.log ?? LOG;
  return {
    db: database.db,
    afterCommit: runNow((error) => log.error({ error }, "an after-commit task failed")),
    clock: SYSTEM_CLOCK,
    newId: newUuid,
    randomBytes,
    epoch: ports.epoch ?? (await loadEpoch(database.db)),
    bus: createLocalBus(),
    jobs: createJobs(),
    log,
    telemetry: SILENT,
    secrets: createSecretBox([{ id: "test", key: Buffer.alloc(32, 7) }]),
    passwords: createPasswordHasher({ memoryCost: 64, timeCost: 1 }),
    mailer: createOperatorMailer(() => {}),
    settings: { ...SETTINGS, ...settings },
    limits: UNLIMITED,
    agentTypes: [],
    ...ports,
  };
}
