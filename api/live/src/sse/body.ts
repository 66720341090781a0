import type { ExecutionResult } from "graphql";
import { GraphQLError } from "graphql";
import type { Operation } from "../operation.ts";

const ENCODER = new TextEncoder();
const COMPLETE = "event: complete\ndata: \n\n";
const HEARTBEAT = ":\n\n";

/** The `id` is what a reconnecting event source sends as Last-Event-ID. */
function nextFrame(result: ExecutionResult, cursor: string | null): string {
  const id = cursor === null ? "" : `id: ${cursor}\n`;
  return `event: next\n${id}data: ${JSON.stringify(result)}\n\n`;
}

/** How long an event source waits before it comes back: about that, at random, so that not all come at once. */
export function retryFrame(retryMs: number): string {
  return `retry: ${Math.round(retryMs * (0.5 + Math.random()))}\n\n`;
}

type Turn = IteratorResult<ExecutionResult, undefined>;
/** What to send next: a result, the end, a sign of life, or nothing more. */
type Step = { readonly frame: string; readonly last: boolean };

const CUT: Step = { frame: "", last: true };

/**
 * The frames of one operation, pulled by whoever sends them: while the peer does not read, nothing is asked of the
 * operation, and nothing is buffered but one frame. It has no timer; its owner's beats.
 */
export class EventBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly #operation: Operation;
  readonly #onClose: () => void;
  #turn: Promise<Turn> | null = null;
  #settled = false;
  /** Goes before the first result. */
  #prefix: string;
  /** Set while a pull waits for the turn: ends that wait. */
  #wake: (() => void) | null = null;
  #isCut = false;
  #cancelled = false;

  /** `first` was pulled already, before the status of the answer was known. */
  constructor(operation: Operation, first: Turn, retryMs: number, onClose: () => void) {
    this.#operation = operation;
    this.#begin(Promise.resolve(first));
    this.#prefix = retryFrame(retryMs);
    this.#onClose = onClose;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const step = await this.#step();
    // Meanwhile the peer went away.
    if (this.#cancelled) return;
    if (step.frame) controller.enqueue(ENCODER.encode(this.#prefix + step.frame));
    this.#prefix = "";
    if (!step.last) return;
    controller.close();
    this.cancel();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#onClose();
    void this.#operation.return();
  }

  /** A sign of life, when nothing is under way. */
  beat(): void {
    this.#wake?.();
  }

  /** Ends the response without `complete`: the client comes back and goes on from its last id. */
  cut(): void {
    this.#isCut = true;
    this.#wake?.();
  }

  /** One reaction per turn, however many beats it outlasts. */
  #begin(turn: Promise<Turn>): Promise<Turn> {
    this.#turn = turn;
    this.#settled = false;
    const settle = () => {
      this.#settled = true;
      this.#wake?.();
    };
    turn.then(settle, settle);
    return turn;
  }

  async #step(): Promise<Step> {
    if (this.#isCut) return CUT;
    const turn = this.#turn ?? this.#begin(this.#operation.next());
    if (!this.#settled) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (this.#isCut) return CUT;
    if (!this.#settled) return { frame: HEARTBEAT, last: false };
    this.#turn = null;
    try {
      const { done, value } = await turn;
      if (done) return { frame: COMPLETE, last: true };
      return { frame: nextFrame(value, this.#operation.batch?.cursor ?? null), last: false };
    } catch (error) {
      return endOf(error);
    }
  }
}

/** A void credential is answered with 401 when the client comes back; any other error is the operation's end. */
function endOf(error: unknown): Step {
  const failure = error instanceof GraphQLError ? error : new GraphQLError("Unexpected error.");
  if (failure.extensions.code === "UNAUTHENTICATED") return CUT;
  return { frame: nextFrame({ errors: [failure] }, null) + COMPLETE, last: true };
}
