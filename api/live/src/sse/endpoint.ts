import { GraphQLError } from "graphql";
import { type Documents, operationType } from "../document.ts";
import { coded, statusOf, UnavailableError } from "../errors.ts";
import { Operation, startOperation } from "../operation.ts";
import type { Credential, Live } from "../options.ts";
import type { Registry } from "../registry.ts";
import { EventBody, retryFrame } from "./body.ts";
import { readStreamQuery } from "./request.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

export interface SseEndpointParts {
  readonly live: Live;
  readonly documents: Documents;
  readonly registry: Registry;
}

/**
 * Server-sent events, one response per subscription ("distinct connections" of the graphql-sse protocol). One
 * timer for all responses.
 */
export class SseEndpoint {
  readonly #parts: SseEndpointParts;
  readonly #open = new Set<EventBody>();
  readonly #timer: NodeJS.Timeout;
  #draining = false;

  constructor(parts: SseEndpointParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => {
      for (const body of this.#open) body.beat();
    }, parts.live.limits.keepAliveMs).unref();
  }

  /** Null when the request is not for an event stream of a subscription. */
  async handle(request: Request, credential: Credential | null, requestId: string): Promise<Response | null> {
    const asked = await readStreamQuery(request);
    const checked = asked && this.#parts.documents.check(asked.query);
    if (!asked || !checked?.document) return null;
    const { document, errors } = checked;
    if (operationType(document, asked.operationName) !== "subscription") return null;
    if (errors) return refused(errors);
    if (!credential) return refused([coded("Sign in first.", "UNAUTHENTICATED")]);
    if (this.#draining) return this.#unavailable(request);
    const { operationName, variables } = asked;
    const lastEventId = request.headers.get("last-event-id") || null;
    const before = this.#parts.live.streams.access.changes;
    const asking = { document, operationName, variables, lastEventId, requestId };
    const started = await startOperation(this.#parts.live, credential, asking).catch((error: unknown) => {
      if (error instanceof UnavailableError) return null;
      throw error;
    });
    if (!started) return this.#unavailable(request);
    if (!(started instanceof Operation)) return refused(started);
    return this.#respond(started, credential, { before, resumed: lastEventId !== null });
  }

  /** Ends every response; its client comes back by itself. */
  drain(): void {
    this.#draining = true;
    clearInterval(this.#timer);
    for (const body of this.#open) body.cut();
  }

  /** An event source, which can only GET, gives up for good on any status but 200: it gets a stream cut short. */
  #unavailable({ method }: Request): Response {
    if (method !== "GET") return new Response(null, { status: 503, headers: { "retry-after": "1" } });
    return new Response(retryFrame(this.#parts.live.limits.retryMs), { headers: HEADERS });
  }

  async #respond(
    operation: Operation,
    credential: Credential,
    { before, resumed }: { readonly before: number; readonly resumed: boolean },
  ): Promise<Response> {
    let body: EventBody | null = null;
    const release = this.#parts.registry.add({ credential, end: () => body?.cut() }, before);
    if (!release) {
      await operation.return();
      return refused([coded("Too many connections.", "TOO_MANY_CONNECTIONS")], 429);
    }
    try {
      const first = await operation.next();
      const { batch, finished } = operation;
      if (resumed && finished && batch?.events.length === 0 && !batch.reset) {
        // The only answer that stops an event source from coming back.
        release();
        await operation.return();
        return new Response(null, { status: 204 });
      }
      const made = new EventBody(operation, first, this.#parts.live.limits.retryMs, () => {
        this.#open.delete(made);
        release();
      });
      body = made;
      this.#open.add(made);
      return new Response(new ReadableStream(made, { highWaterMark: 0 }), { headers: HEADERS });
    } catch (error) {
      release();
      if (error instanceof GraphQLError) return refused([error]);
      throw error;
    }
  }
}

function refused(errors: readonly GraphQLError[], status = statusOf(errors)): Response {
  return Response.json({ errors }, { status, headers: { "cache-control": "no-store" } });
}
