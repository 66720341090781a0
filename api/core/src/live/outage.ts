/**
 * Classes of SQLSTATE, or one state: connection lost, too many connections, not accepting any, shutting down, read-only
 * after a failover, waited too long within a transaction, serialization, the system beneath.
 */
const TRANSIENT = ["08", "53", "55", "57", "25006", "25P03", "25P04", "40", "58"];

interface DatabaseError {
  readonly code?: string;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: string } } };
}

/** What the driver says when it has no code for it. */
const LOST =
  /connection (terminated|ended|closed|timeout)|connection error|timeout (exceeded|expired)|ECONN|EPIPE|ETIMEDOUT/i;

/** Prisma's codes of a statement that never reached the server, or whose answer got lost. */
const UNREACHED = /^P(1\d{3}|2010|2024|2028|2039)$/;

/** Whether a statement may pass when tried again; one that the server refused as wrong never does. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, meta } = error as DatabaseError;
  const state = meta?.driverAdapterError?.cause?.originalCode;
  if (state !== undefined) return TRANSIENT.some((one) => state.startsWith(one));
  return UNREACHED.test(code ?? "") || LOST.test(error.message);
}
