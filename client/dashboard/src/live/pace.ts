/** The server closes a socket at the 121st message within 10 s; the rest is for pings. */
const MESSAGES = 105;
/** Of these, for opening alone: what is closed late is only received in vain. */
const FOR_OPENING = 20;
const WITHIN = 10_000;
/** The server runs 50 on a socket. */
const RUNNING = 45;

export interface PacePorts {
  readonly now: () => number;
  /** Runs later; the answer cancels. */
  readonly later: (ms: number, run: () => void) => () => void;
}

/** A subscription that waits, runs or is over. */
export interface Turn {
  /** Nobody wants it any more: what did not begin never does. */
  close(): void;
  /** It ended by itself, without a message. */
  ended(): void;
}

export interface Pace {
  /** `begin` subscribes, now or when there is room; its answer unsubscribes. */
  open(begin: () => () => void): Turn;
  /** On a new socket, to which what runs is sent now. */
  renew(): void;
}

interface Running {
  begin: () => () => void;
  stop: () => void;
}

/**
 * Who goes back and forth between pages opens and closes dozens of subscriptions each time. Opening comes before
 * closing, so that a page does not wait for the one before it.
 */
export function makePace({ now, later }: PacePorts): Pace {
  const opening = new Set<Running>();
  const running = new Set<Running>();
  const closing = new Set<Running>();
  let sent: number[] = [];
  let waits = false;

  /** Sends one message; false when there is none to be sent. */
  const send = (): boolean => {
    const [begins] = opening;
    const [ends] = closing;
    if (begins && running.size < RUNNING && sent.length < MESSAGES) {
      opening.delete(begins);
      running.add(begins);
      // First: what is called may come back to here.
      sent.push(now());
      begins.stop = begins.begin();
      return true;
    }
    if (!ends || sent.length >= MESSAGES - FOR_OPENING) return false;
    closing.delete(ends);
    running.delete(ends);
    sent.push(now());
    ends.stop();
    return true;
  };
  const proceed = () => {
    sent = sent.filter((at) => now() - at < WITHIN);
    while (send());
    const [first] = sent;
    if (waits || first === undefined || opening.size + closing.size === 0) return;
    waits = true;
    later(first + WITHIN - now(), () => {
      waits = false;
      proceed();
    });
  };
  return {
    renew: () => {
      sent = Array.from(running, now);
      proceed();
    },
    open: (begin) => {
      const one: Running = { begin, stop: () => undefined };
      opening.add(one);
      proceed();
      return {
        close: () => {
          opening.delete(one);
          if (running.has(one)) closing.add(one);
          proceed();
        },
        ended: () => {
          for (const set of [opening, closing, running]) set.delete(one);
          proceed();
        },
      };
    },
  };
}
