import type { Actor } from "@shiplog/core";
import type {
  AccessScope,
  Attachment,
  Batch,
  StreamHolder,
  StreamRequest,
  Streams,
} from "@shiplog/core/live";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
} from "graphql";
import { coded, masked, maskedOrThrown } from "./errors.ts";
import { executeOften } from "./executor.ts";
import type { Query } from "./hub/group.ts";
import type { Hub } from "./hub/hub.ts";
import { type Sink, Subscription } from "./hub/subscription.ts";
import type { Credential, Live } from "./options.ts";
import { queryKey } from "./query_key.ts";
import { actorName, principalName } from "./registry.ts";

export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly lastEventId?: string | null;
  readonly requestId: string;
}

/** Of a running operation, as JSON (characters): it holds them as long as it runs. */
const MOST_VARIABLES = 8 * 1024;

/** The variables that the operation declares; null: they are more than it may hold. */
function variablesOf({ document, operationName, variables }: OperationRequest) {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const declared = variableDefinitions.flatMap(({ variable: { name } }) =>
    variables && Object.hasOwn(variables, name.value) ? [[name.value, variables[name.value]] as const] : [],
  );
  const kept = Object.fromEntries(declared);
  return JSON.stringify(kept).length > MOST_VARIABLES ? null : kept;
}

/** Never yields: what comes is pushed by the hub. */
const IDLE: AsyncIterableIterator<Batch> = {
  next: () => Promise.resolve({ done: true, value: undefined }),
  [Symbol.asyncIterator]: () => IDLE,
};

/** What opens no stream: the batches of one were opened before. */
const NO_STREAMS: Streams = {
  open: () => Promise.reject(new Error("a batch opens no stream")),
};

/** An attached stream whose reader may not be there yet. */
class Holder implements StreamHolder {
  attached: Attachment | null = null;
  subscription: Subscription | null = null;
  lost: Error | null = null;
  scope: AccessScope | null = null;
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  end(error: Error): void {
    this.lost = error;
    this.subscription?.fail(error);
  }

  rescope(scope: AccessScope): void {
    this.scope = scope;
    if (this.subscription) this.#hub.rescope(this.subscription, scope);
  }
}

/** A subscription that runs, or the errors as the client may see them. */
type Started = Subscription | readonly GraphQLError[];

/**
 * Starts a subscription whose document was checked, towards the sink. Throws UnavailableError while the database is
 * out of reach, and what `live.within` throws when it takes too long.
 */
export async function startOperation(
  live: Live,
  hub: Hub,
  credential: Credential,
  request: OperationRequest,
  sink: Sink,
): Promise<Started> {
  let late = false;
  const opened = async () => {
    const started = await start(live, hub, credential, request, sink);
    // Nobody waits for it any more.
    if (late && started instanceof Subscription) started.close();
    return started;
  };
  try {
    return await live.opening(request.document, async () => live.within(opened));
  } catch (error) {
    late = true;
    throw error;
  }
}

async function start(
  live: Live,
  hub: Hub,
  { actor }: Credential,
  asked: OperationRequest,
  sink: Sink,
): Promise<Started> {
  const variables = variablesOf(asked);
  if (!variables) {
    const message = `The variables of a subscription have at most ${MOST_VARIABLES} characters as JSON.`;
    return [coded(message, "VARIABLES_TOO_LARGE")];
  }
  const request = { ...asked, variables };
  const { document, operationName, lastEventId = null, requestId } = request;
  const holder = new Holder(hub);
  const streams: Streams = {
    open: async (asked: StreamRequest) => {
      // A reconnecting event source says where it was, whatever its URL says.
      const from = lastEventId ? { ...asked, after: lastEventId, tail: null } : asked;
      holder.attached = await live.streams.attach(from, holder);
      return IDLE;
    },
  };
  try {
    const source = await createSourceEventStream({
      schema: live.schema,
      document,
      contextValue: live.contextFor({ actor, streams, requestId, lastEventId }),
      variableValues: variables,
      operationName,
    });
    if (!(Symbol.asyncIterator in source)) {
      holder.attached?.release();
      return (source.errors ?? []).map((error) => maskedOrThrown(error, live.ctx.log, requestId));
    }
    if (!holder.attached) throw new Error("a subscription field that opens no stream");
    return subscribe(live, hub, holder.attached, holder, { actor }, request, sink);
  } catch (error) {
    holder.attached?.release();
    return [maskedOrThrown(error, live.ctx.log, requestId)];
  }
}

function subscribe(
  live: Live,
  hub: Hub,
  attached: Attachment,
  holder: Holder,
  { actor }: Pick<Credential, "actor">,
  request: OperationRequest,
  sink: Sink,
): Subscription {
  const { requestId, document, operationName } = request;
  const shared = live.isShared(document, operationName ?? null);
  const query: Query = {
    key: queryKey(request),
    viewer: shared ? null : principalName(actor),
    executeAs: (scope) => {
      const as = shared ? scope.actor : asNow(actor, scope);
      return (batch) => executeOn(live, request, as, batch);
    },
  };
  const subscription = hub.subscribe(query, { attached, sink, requestId, reader: actorName(actor) });
  holder.subscription = subscription;
  if (holder.scope) hub.rescope(subscription, holder.scope);
  if (holder.lost) subscription.fail(holder.lost);
  return subscription;
}

/** The actor as his access was found to be: the scopes of a key may change while it reads. */
function asNow(actor: Actor, scope: AccessScope): Actor {
  if (actor.type !== "key" || scope.actor.type !== "scope" || !scope.actor.scopes) return actor;
  return { ...actor, scopes: scope.actor.scopes };
}

/** A result of the document on one batch. Each has a context of its own: nothing cached outlives the moment. */
function executeOn(
  live: Live,
  { document, operationName, variables, requestId }: OperationRequest,
  actor: Credential["actor"],
  batch: Batch,
): ExecutionResult | Promise<ExecutionResult> {
  const execution = {
    schema: live.schema,
    document,
    rootValue: batch,
    contextValue: live.contextFor({
      actor,
      streams: NO_STREAMS,
      requestId,
      lastEventId: null,
      isBatch: true,
    }),
    variableValues: variables ?? null,
    operationName: operationName ?? null,
    compileAt: live.limits.compileAt,
  };
  const result = live.within(() => executeOften(execution));
  const judge = (made: ExecutionResult) => judged(live, made, requestId);
  return result instanceof Promise ? result.then(judge) : judge(result as ExecutionResult);
}

/** Throws for a result without its batch: it has no cursor either, and to go on behind it would leave a hole. */
function judged(live: Live, result: ExecutionResult, requestId: string): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error) => masked(error, live.ctx.log, requestId));
  if (result.data || !errors[0]) return { ...result, errors };
  throw errors[0];
}
