import { decide, type Permission } from "../account/policy.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError } from "../errors.ts";
import { decodeIdAs, type IdType } from "../ids.ts";
import { type AccessLoss, AccessWatch } from "./access.ts";
import type { StreamKind } from "./append.ts";
import { decodeCursor } from "./cursor.ts";
import { type Batch, type Start, StreamReader } from "./reader.ts";
import { StreamWatches } from "./watch.ts";

/** Which stream to read, and from where. */
export interface StreamRequest {
  readonly kind: StreamKind;
  /** Public id of the execution or project. */
  readonly id: string;
  readonly actor: Actor;
  /** A batch's cursor: go on behind it. Without it and without `tail`, from the first retained event. */
  readonly after?: string | null;
  /** At most so many events before the head; 0 = only what comes. Not together with `after`. */
  readonly tail?: number | null;
}

/** Opens streams; what a GraphQL context offers to subscription fields. */
export interface Streams {
  /**
   * Throws NotFoundError (a stranger learns nothing), ForbiddenError or InvalidInputError; later, while it is
   * read, ForbiddenError when the membership is lost and UnauthenticatedError when the credential is.
   */
  open(request: StreamRequest): Promise<AsyncIterableIterator<Batch>>;
}

/** The streams of one process. */
export interface StreamHub extends Streams {
  open(request: StreamRequest): Promise<StreamReader>;
  /** Sockets and responses register here as well, to learn when their credential is void. */
  readonly access: AccessWatch;
  /** Ends every reader quietly. */
  close(): void;
}

export interface StreamOptions {
  /** How often the heads of open streams are asked for, in case wake-ups got lost (ms). */
  readonly recheckHeadsMs?: number;
  /** How often the access of open streams is looked over without news of a change (ms). */
  readonly recheckAccessMs?: number;
}

const PERMISSION: Record<StreamKind, Permission> = {
  agent_execution: "agent.read",
  pipeline_execution: "pipeline.read",
  project: "project.read",
};

const ID_TYPE: Record<StreamKind, IdType> = {
  agent_execution: "AgentExecution",
  pipeline_execution: "PipelineExecution",
  project: "Project",
};

const NAME: Record<StreamKind, string> = {
  agent_execution: "agent execution",
  pipeline_execution: "pipeline execution",
  project: "project",
};

/** More events than a stream can have. */
const MOST_EVENTS = 2 ** 31 - 1;
const BEGINNING: Start = { tail: MOST_EVENTS };

/**
 * Events behind the head up to which a cursor is honoured by replay. A project's state is smaller than a long
 * history of it; an execution's log is the state.
 */
const REPLAY_LIMIT: Record<StreamKind, number> = {
  agent_execution: MOST_EVENTS,
  pipeline_execution: MOST_EVENTS,
  project: 10_000,
};

/** One per process: it holds the process's listeners on the bus. */
export function createStreams(ctx: Context, options: StreamOptions = {}): StreamHub {
  const watches = new StreamWatches(ctx, options.recheckHeadsMs ?? 3_000);
  const access = new AccessWatch(ctx, options.recheckAccessMs ?? 30_000);
  const readers = new Set<StreamReader>();

  const open = async (request: StreamRequest): Promise<StreamReader> => {
    const { kind, actor } = request;
    const streamId = decodeIdAs(ID_TYPE[kind], request.id);
    if (!streamId) throw new NotFoundError(NAME[kind]);
    const start = startOf(ctx, streamId, request);
    const projectId = await projectOf(ctx, kind, streamId);
    const watch = watches.acquire(streamId);
    const reader: StreamReader = new StreamReader(ctx, watch, start, REPLAY_LIMIT[kind], () => {
      readers.delete(reader);
      watches.release(watch);
      release();
    });
    readers.add(reader);
    const needs = { projectId, permission: PERMISSION[kind] };
    const release = access.add({ actor, needs, end: (loss) => reader.fail(lossError(loss)) });
    try {
      const decision = await decide(ctx, actor, projectId, needs.permission);
      // The same words as for an id that does not exist: a stranger learns nothing.
      if (decision === "unknown") throw new NotFoundError(NAME[kind]);
      if (decision === "forbidden")
        throw new ForbiddenError(`This needs the permission ${needs.permission}.`);
    } catch (error) {
      await reader.return();
      throw error;
    }
    return reader;
  };

  const close = () => {
    for (const reader of [...readers]) void reader.return();
    access.close();
    watches.close();
  };
  return { open, access, close };
}

function lossError(loss: AccessLoss): Error {
  return loss === "forbidden"
    ? new ForbiddenError("You may no longer read this stream.")
    : new UnauthenticatedError("Your session or key is no longer valid.");
}

function startOf(ctx: Context, streamId: string, { after, tail }: StreamRequest): Start {
  if (after != null && tail != null) {
    throw new InvalidInputError("Give either after or tail.", [
      { path: ["tail"], message: "not with after" },
    ]);
  }
  if (tail != null) {
    if (Number.isInteger(tail) && tail >= 0) return { tail };
    throw new InvalidInputError("tail is a number of events.", [{ path: ["tail"], message: "at least 0" }]);
  }
  if (after == null) return BEGINNING;
  const cursor = decodeCursor(after);
  return cursor?.streamId === streamId && cursor.epoch === ctx.epoch ? { after: cursor.seq } : "lost";
}

/** The project that the stream belongs to; throws NotFoundError. */
async function projectOf(ctx: Context, kind: StreamKind, id: string): Promise<string> {
  const where = { where: { id }, select: { projectId: true } };
  switch (kind) {
    case "project":
      return id;
    case "agent_execution": {
      const row = await ctx.db.agentExecution.findUnique(where);
      if (row) return row.projectId;
      break;
    }
    case "pipeline_execution": {
      const row = await ctx.db.pipelineExecution.findUnique(where);
      if (row) return row.projectId;
      break;
    }
  }
  throw new NotFoundError(NAME[kind]);
}
