const waiting: (() => void)[] = [];

/**
 * Resolves in a turn of the event loop that nobody else who asks here has: what takes milliseconds, and may be asked
 * for a hundred times at once, then holds up all others only as long as one of them.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });
}

function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
}
