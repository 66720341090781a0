import type { Permission } from "../account/policy.ts";
import type { Actor } from "../actor.ts";
import { ForbiddenError, UnauthenticatedError } from "../errors.ts";
import type { AccessLoss, AccessWatch, Holder } from "./access.ts";
import type { Feed } from "./feed.ts";
import type { Feeds } from "./feeds.ts";
import type { Start } from "./position.ts";
import type { AccessScope } from "./scope.ts";

/** Told of a stream's reader while it reads. */
export interface StreamHolder {
  /** It has to stop: the membership or the credential is lost. */
  end(error: Error): void;
  /** What it may see changed. */
  rescope(scope: AccessScope): void;
}

/** A stream that somebody may read, and from where. */
export interface Attachment {
  readonly feed: Feed;
  readonly start: Start;
  /** Events behind the head up to which a position given is honoured by replay. */
  readonly replayLimit: number;
  /** What the actor may see there. */
  readonly scope: AccessScope;
  /** Resolves when the feed knows what was committed before the call. */
  refresh(): Promise<void>;
  /** Lets go of the stream; the holder is told nothing more. */
  release(): void;
}

interface Parts {
  readonly feeds: Feeds;
  readonly access: AccessWatch;
  readonly holder: StreamHolder;
}

interface Terms {
  readonly actor: Actor;
  readonly streamId: string;
  readonly start: Start;
  readonly replayLimit: number;
  readonly needs: { readonly projectId: string; readonly permission: Permission };
}

/** One reader's hold on a stream. It is watched from the beginning: a loss before it is open would go unseen. */
export class StreamAttachment implements Attachment, Holder {
  readonly actor: Actor;
  readonly needs: Terms["needs"];
  readonly start: Start;
  readonly replayLimit: number;
  readonly #feeds: Feeds;
  readonly #access: AccessWatch;
  readonly #holder: StreamHolder;
  readonly #streamId: string;
  #feed: Feed | null = null;
  #scope: AccessScope | null = null;

  constructor({ feeds, access, holder }: Parts, { actor, streamId, start, replayLimit, needs }: Terms) {
    this.#feeds = feeds;
    this.#access = access;
    this.#holder = holder;
    this.#streamId = streamId;
    this.actor = actor;
    this.start = start;
    this.replayLimit = replayLimit;
    this.needs = needs;
    access.add(this);
  }

  /** Its actor was found to have that access. */
  open(scope: AccessScope): void {
    this.#scope = scope;
    this.#feed = this.#feeds.acquire(this.#streamId);
  }

  get feed(): Feed {
    if (!this.#feed) throw new Error("the stream is not open");
    return this.#feed;
  }

  get scope(): AccessScope {
    if (!this.#scope) throw new Error("the stream is not open");
    return this.#scope;
  }

  refresh(): Promise<void> {
    return this.#feeds.refresh(this.feed);
  }

  release(): void {
    this.#access.remove(this);
    if (this.#feed) this.#feeds.release(this.#feed);
  }

  end(loss: AccessLoss): void {
    this.#holder.end(
      loss === "forbidden"
        ? new ForbiddenError("You may no longer read this stream.")
        : new UnauthenticatedError("Your session or key is no longer valid."),
    );
  }

  rescope(scope: AccessScope): void {
    this.#scope = scope;
    this.#holder.rescope(scope);
  }
}
