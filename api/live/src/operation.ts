import type { Batch, StreamReader, StreamRequest, Streams } from "@shiplog/core/live";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from "graphql";
import { masked, maskedOrThrown } from "./errors.ts";
import type { Credential, Live } from "./options.ts";

export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly lastEventId?: string | null;
  readonly requestId: string;
}

type Result = IteratorResult<ExecutionResult, undefined>;

/**
 * A running subscription: pulls a batch from its stream and executes the document on it, only when its transport
 * asks for the next result. Each batch gets a context of its own.
 */
export class Operation implements AsyncIterableIterator<ExecutionResult, undefined> {
  readonly #live: Live;
  readonly #request: OperationRequest;
  readonly #context: () => unknown;
  readonly #source: AsyncIterator<unknown>;
  readonly #reader: () => StreamReader | null;

  constructor(
    live: Live,
    request: OperationRequest,
    parts: {
      readonly context: () => unknown;
      readonly source: AsyncIterable<unknown>;
      readonly reader: () => StreamReader | null;
    },
  ) {
    this.#live = live;
    this.#request = request;
    this.#context = parts.context;
    this.#source = parts.source[Symbol.asyncIterator]();
    this.#reader = parts.reader;
  }

  /** The batch of the last result; null when the field is not one of our streams. */
  get batch(): Batch | null {
    return this.#reader()?.last ?? null;
  }

  /** Its stream has ended and nothing of it is left. */
  get finished(): boolean {
    return this.#reader()?.finished ?? false;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Rejects with an error as the client may see it. */
  async next(): Promise<Result> {
    try {
      const { done, value } = await this.#source.next();
      if (done) return { done: true, value: undefined };
      const result = await this.#execute(value);
      const [failure] = result.errors ?? [];
      if (result.data || !failure) return { done: false, value: result };
      // A result without its batch has no cursor either: to go on behind it would leave a hole.
      await this.return();
      throw failure;
    } catch (error) {
      throw masked(error, this.#live.ctx.log, this.#request.requestId);
    }
  }

  async return(): Promise<Result> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async #execute(rootValue: unknown): Promise<ExecutionResult> {
    const { document, operationName, variables, requestId } = this.#request;
    const result = await execute({
      schema: this.#live.schema,
      document,
      rootValue,
      contextValue: this.#context(),
      variableValues: variables,
      operationName,
    });
    if (!result.errors) return result;
    return { ...result, errors: result.errors.map((error) => masked(error, this.#live.ctx.log, requestId)) };
  }
}

/**
 * Starts a subscription whose document was checked; the errors are as the client may see them. Throws
 * UnavailableError while the database is out of reach.
 */
export async function startOperation(
  live: Live,
  { actor }: Credential,
  request: OperationRequest,
): Promise<Operation | readonly GraphQLError[]> {
  const { document, operationName, variables, lastEventId = null, requestId } = request;
  let reader: StreamReader | null = null;
  const streams: Streams = {
    open: async (asked: StreamRequest) => {
      // A reconnecting event source says where it was, whatever its URL says.
      reader = await live.streams.open(lastEventId ? { ...asked, after: lastEventId, tail: null } : asked);
      return reader;
    },
  };
  const context = () => live.contextFor({ actor, streams, requestId, lastEventId });
  try {
    const source = await createSourceEventStream({
      schema: live.schema,
      document,
      contextValue: context(),
      variableValues: variables,
      operationName,
    });
    if (Symbol.asyncIterator in source) {
      return new Operation(live, request, { context, source, reader: () => reader });
    }
    return (source.errors ?? []).map((error) => maskedOrThrown(error, live.ctx.log, requestId));
  } catch (error) {
    return [maskedOrThrown(error, live.ctx.log, requestId)];
  }
}
