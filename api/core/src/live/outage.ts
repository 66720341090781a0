/** Connection lost, too many connections, shutting down, read-only after a failover, serialization. */
const TRANSIENT_CLASSES = ["08", "53", "57", "25", "40", "58"];

interface DatabaseError {
  readonly code?: string;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: string } } };
}

/** Whether a failed read may pass when tried again; a statement that the server refused as wrong never does. */
export function isOutage(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false;
  const { code, meta } = error as DatabaseError;
  // P2010: the server answered with an error. Everything else never reached it, or the answer got lost.
  const state = code === "P2010" ? meta?.driverAdapterError?.cause?.originalCode : undefined;
  return state === undefined || TRANSIENT_CLASSES.includes(state.slice(0, 2));
}
