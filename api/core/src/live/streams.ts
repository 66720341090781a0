import { decideOn, type Permission } from "../account/policy.ts";
import { type Actor, type StreamKind, userIdOf } from "../actor.ts";
import type { Context } from "../context.ts";
import { ForbiddenError, InvalidInputError, NotFoundError } from "../errors.ts";
import { decodeIdAs } from "../ids.ts";
import { AccessWatch } from "./access.ts";
import { type Attachment, StreamAttachment, type StreamHolder } from "./attachment.ts";
import { decodeCursor } from "./cursor.ts";
import { Feeds } from "./feeds.ts";
import type { Batch, Start } from "./position.ts";
import { ProjectLookup } from "./projects.ts";
import { StreamReader } from "./reader.ts";
import { scopeIn } from "./scope.ts";
import { STREAM_ID, STREAM_NAME } from "./subject.ts";

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
  /** The stream itself, for whoever serves many readers at once; throws as `open` does. */
  attach(request: StreamRequest, holder: StreamHolder): Promise<Attachment>;
  /** Sockets and responses register here as well, to learn when their credential is void. */
  readonly access: AccessWatch;
  /** How many streams are read. */
  readonly size: number;
  /** Ends every reader quietly. */
  close(): void;
}

export interface StreamOptions {
  /** How often the heads of open streams are asked for, in case wake-ups got lost (ms). */
  readonly recheckHeadsMs?: number;
  /** How often the access of open streams is looked over without news of a change (ms). */
  readonly recheckAccessMs?: number;
  /** A busy stream sends a batch per window (ms); the first ones after silence go at once. */
  readonly windowMs?: number;
}

const PERMISSION: Record<StreamKind, Permission> = {
  agent_execution: "agent.read",
  pipeline_execution: "pipeline.read",
  project: "project.read",
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

/**
 * Between two batches of a stream that goes on: two frames of a screen. To send one to a thousand readers takes half of
 * it or more, and what is left is for those who write.
 */
const WINDOW_MS = 32;

/** One per process: it holds the process's listeners on the bus. */
export function createStreams(ctx: Context, options: StreamOptions = {}): StreamHub {
  const feeds = new Feeds(ctx, {
    recheckMs: options.recheckHeadsMs ?? 3_000,
    windowMs: options.windowMs ?? WINDOW_MS,
  });
  const access = new AccessWatch(ctx, options.recheckAccessMs ?? 5_000);
  const projects = new ProjectLookup(ctx);
  const readers = new Set<StreamReader>();

  const attach = async (request: StreamRequest, holder: StreamHolder): Promise<Attachment> => {
    const { kind, actor } = request;
    const streamId = decodeIdAs(STREAM_ID[kind], request.id);
    if (!streamId) throw new NotFoundError(STREAM_NAME[kind]);
    const start = startOf(ctx, streamId, request);
    const projectId = await projects.of({ kind, id: streamId });
    const permission = PERMISSION[kind];
    const attached = new StreamAttachment(
      { feeds, access, holder },
      { actor, streamId, start, replayLimit: REPLAY_LIMIT[kind], needs: { projectId, permission } },
    );
    try {
      const userId = userIdOf(actor);
      const role = userId === null ? null : await access.roleOf(userId, projectId);
      const decision = decideOn(actor, projectId, permission, role, { kind, id: streamId });
      // The same words as for an id that does not exist: a stranger learns nothing.
      if (decision === "unknown") throw new NotFoundError(STREAM_NAME[kind]);
      if (decision === "forbidden") throw new ForbiddenError(`This needs the permission ${permission}.`);
      attached.open(scopeIn(actor, projectId, role));
      return attached;
    } catch (error) {
      attached.release();
      throw error;
    }
  };

  const open = async (request: StreamRequest): Promise<StreamReader> => {
    let reader: StreamReader | null = null;
    let lost: Error | null = null;
    const end = (error: Error) => {
      lost = error;
      reader?.fail(error);
    };
    const attached = await attach(request, { end, rescope() {} });
    const made: StreamReader = new StreamReader({
      feed: attached.feed,
      start: attached.start,
      replayLimit: attached.replayLimit,
      epoch: ctx.epoch,
      refresh: () => attached.refresh(),
      release: () => {
        readers.delete(made);
        attached.release();
      },
    });
    reader = made;
    readers.add(made);
    if (lost) made.fail(lost);
    return made;
  };

  const close = () => {
    for (const reader of [...readers]) void reader.return();
    access.close();
    feeds.close();
  };
  return {
    open,
    attach,
    access,
    get size() {
      return feeds.size;
    },
    close,
  };
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
