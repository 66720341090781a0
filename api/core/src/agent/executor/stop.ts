/** Why a run stops before its last step. */
export type StopReason =
  /** Somebody asked for it. */
  | "cancelled"
  /** Another worker has the run, or it ended: nothing may be committed any more. */
  | "lost"
  /** This worker shuts down: the next one takes over at once. */
  | "released"
  /** A budget is used up. */
  | "budget";

/** The reason of the run's AbortSignal; what its steps' calls throw after that. */
export class Stop extends Error {
  override readonly name = "Stop";
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The stop that the signal was aborted with; null while it goes on. */
export function stopOf(signal: AbortSignal): Stop | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof Stop ? signal.reason : new Stop("lost", String(signal.reason));
}

/** Rejects with the stop as soon as the signal is aborted, also when the work ignores it. */
export function untilStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(stopOf(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
