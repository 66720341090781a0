import type { ServerResponse } from "node:http";
import { GraphQLError } from "graphql";
import { type Documents, operationType } from "../document.ts";
import { coded, UnavailableError } from "../errors.ts";
import type { Hub } from "../hub/hub.ts";
import { Subscription } from "../hub/subscription.ts";
import { startOperation } from "../operation.ts";
import type { Credential, Live } from "../options.ts";
import type { Holding, Registry } from "../registry.ts";
import { refused } from "./answers.ts";
import { EventStream, retryFrame } from "./operation.ts";
import { readStreamQuery, type StreamQuery } from "./request.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

export interface SseEndpointParts {
  readonly live: Live;
  readonly documents: Documents;
  readonly registry: Registry;
  readonly hub: Hub;
}

/** A request as the edge passed it, and where its answer goes. */
export interface SseRequest {
  readonly request: Request;
  readonly credential: Credential | null;
  /** `accessMark` from before the credential was looked at: a body may take its time, and access be lost meanwhile. */
  readonly accessMark: number;
  readonly requestId: string;
  /** Written to when the answer is an event stream. */
  readonly response: ServerResponse;
  /** Headers that an event stream carries as well. */
  readonly headers?: Record<string, string>;
}

/**
 * Server-sent events, one response per subscription ("distinct connections" of the graphql-sse protocol). One
 * timer for all responses.
 */
export class SseEndpoint {
  readonly #parts: SseEndpointParts;
  readonly #open = new Set<EventStream>();
  readonly #timer: NodeJS.Timeout;
  #draining = false;

  constructor(parts: SseEndpointParts) {
    const { keepAliveMs, stallMs } = parts.live.limits;
    this.#parts = parts;
    this.#timer = setInterval(() => {
      for (const stream of this.#open) stream.beat(keepAliveMs, stallMs);
    }, keepAliveMs).unref();
  }

  /** Open responses. */
  get size(): number {
    return this.#open.size;
  }

  /** Null when the request is not for an event stream of a subscription; "sent" when the response is written. */
  async handle(asked: SseRequest): Promise<Response | "sent" | null> {
    const { request, credential } = asked;
    const query = await readStreamQuery(request);
    if (!query) return null;
    if (query === "malformed")
      return refused([coded("`variables` and `extensions` must be JSON objects.", "BAD_REQUEST")]);
    const { documents, live } = this.#parts;
    const isNew = documents.isNew(query);
    const before = credential && isNew ? live.overdrawn?.(credential) : null;
    if (before?.refused) return refused([before.refused], before);
    const checked = documents.check(query, credential);
    // By GET nothing but a stream can be asked for: a bad or barred document is answered here.
    const answeredHere = checked.document
      ? operationType(checked.document, query.operationName) === "subscription"
      : request.method === "GET";
    if (!answeredHere) return null;
    if (!credential) return refused(checked.errors ?? [coded("Sign in first.", "UNAUTHENTICATED")]);
    const admission = await this.#parts.live.admit?.(credential, checked, isNew);
    if (admission?.refused) return refused([admission.refused], admission);
    if (checked.errors) return refused(checked.errors, admission);
    // Whatever was waited for is over: a response that opened behind a drain would have nobody to end it.
    if (this.#draining) return this.unavailable(request);
    const headers = { ...asked.headers, ...admission?.headers };
    try {
      return await this.#start({ ...asked, headers }, credential, { ...query, document: checked.document });
    } catch (error) {
      if (error instanceof UnavailableError) return this.unavailable(request);
      throw error;
    }
  }

  /** Ends every response; its client comes back by itself. */
  drain(): void {
    this.#draining = true;
    clearInterval(this.#timer);
    for (const stream of [...this.#open]) stream.cut();
  }

  /** An event source, which can only GET, gives up for good on any status but 200: it gets a stream cut short. */
  unavailable({ method }: Request): Response {
    if (method !== "GET") return new Response(null, { status: 503, headers: { "retry-after": "1" } });
    return new Response(retryFrame(this.#parts.live.limits.retryMs), { headers: HEADERS });
  }

  async #start(
    { request, accessMark, requestId, response, headers }: SseRequest,
    credential: Credential,
    {
      document,
      operationName,
      variables,
    }: StreamQuery & Pick<Parameters<typeof startOperation>[3], "document">,
  ): Promise<Response | "sent"> {
    const { live, hub, registry } = this.#parts;
    const lastEventId = request.headers.get("last-event-id") || null;
    const stream: EventStream = new EventStream(response, {
      headers: { ...headers, ...HEADERS },
      retryMs: live.limits.retryMs,
      stallMs: live.limits.stallMs,
      resumed: lastEventId !== null,
      comeBack: () => this.unavailable(request),
      onEnd: () => {
        this.#open.delete(stream);
        registry.remove(holding);
      },
    });
    const holding: Holding = { credential, end: () => stream.cut() };
    // It gave up while it was looked at, and no event will tell.
    if (stream.isAbandoned) {
      stream.stop();
      return "sent";
    }
    if (!registry.add(holding, accessMark))
      return refused([coded("Too many connections.", "TOO_MANY_CONNECTIONS")], { status: 429 });
    this.#open.add(stream);
    try {
      const asking = { document, operationName, variables, lastEventId, requestId };
      const started = await startOperation(live, hub, credential, asking, stream);
      if (started instanceof Subscription) stream.run(started);
      else {
        stream.stop();
        return refused(started);
      }
    } catch (error) {
      stream.stop();
      if (error instanceof GraphQLError) return refused([error]);
      throw error;
    }
    return stream.answer;
  }
}
