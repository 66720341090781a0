import { DomainError } from "../errors.ts";
import type { EndStatus } from "./status.ts";

/** A batch number was skipped: send `expected` next. */
export class BatchOutOfOrderError extends DomainError {
  readonly code = "BATCH_OUT_OF_ORDER";
  readonly status = 409;
  override readonly name = "BatchOutOfOrderError";
  readonly expected: number;
  constructor(expected: number) {
    super(`Batch ${expected} comes next.`);
    this.expected = expected;
  }
}

/** The execution is over; an external agent that gets this stops its work. */
export class AgentExecutionEndedError extends DomainError {
  readonly code = "AGENT_EXECUTION_ENDED";
  readonly status = 410;
  override readonly name = "AgentExecutionEndedError";
  readonly endStatus: EndStatus;
  constructor(endStatus: EndStatus) {
    super(`The execution has ended: ${endStatus}.`);
    this.endStatus = endStatus;
  }
}

/** The execution's state does not allow this, e.g. cancelling an ended run. */
export class InvalidStatusError extends DomainError {
  readonly code = "INVALID_STATUS";
  readonly status = 409;
  override readonly name = "InvalidStatusError";
}
