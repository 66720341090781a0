/** Connection lost, too many connections, not accepting any, shutting down, read-only after a failover, serialization. */
const TRANSIENT_CLASSES = ["08", "53", "55", "57", "25", "40", "58"];

interface DatabaseError {
  readonly code?: string;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: string } } };
}

/** What the driver says when it has no code for it. */
const LOST =
  /connection (terminated|ended|closed|timeout)|connection error|timeout exceeded|ECONN|EPIPE|ETIMEDOUT/i;

/** Whether a statement may pass when tried again; one that the server refused as wrong never does. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, meta } = error as DatabaseError;
  if (code !== "P2010") return /^P(1\d{3}|2024|2028)$/.test(code ?? "") || LOST.test(error.message);
  // Without a state the server was not reached.
  const state = meta?.driverAdapterError?.cause?.originalCode;
  return state === undefined || TRANSIENT_CLASSES.includes(state.slice(0, 2));
}
