import type { InterfaceRef } from "@pothos/core";
import type { Json } from "@shiplog/core";
import type { Batch, StoredEvent, StreamKind } from "@shiplog/core/live";
import { builder, type Types } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { actorOf } from "./access.ts";

/** The stored data of an event, whose keys are those of its GraphQL type; `T` is what its writer put there. */
export type EventOf<T> = Omit<StoredEvent, "data"> & { readonly data: T };

export type JsonValue = Json;

/** The two fields that every event has. */
export const SEQ =
  "Place in the stream, from 1, without gaps; what a pruned text left out is named by `fromSeq`.";
export const AT = "When it happened.";

/** `<name>Batch`: what a subscription yields at a time. */
export function batchType(name: string, events: InterfaceRef<Types, StoredEvent>) {
  return builder.objectRef<Batch>(`${name}Batch`).implement({
    description: "A piece of a stream: apply the events in order, keep the cursor.",
    fields: (t) => ({
      events: t.field({
        type: [events],
        description: "In order of `seq`; empty in the first batch when there is nothing to tell.",
        complexity: { field: 1, multiplier: 10 },
        resolve: (batch) => [...batch.events],
      }),
      cursor: t.exposeString("cursor", {
        description: "Opaque position behind these events; pass it as `after` to go on from here.",
      }),
      caughtUp: t.exposeBoolean("caughtUp", { description: "This batch ends at the head of the stream." }),
      reset: t.exposeBoolean("reset", {
        description:
          "The cursor given cannot be honoured: reload the state; the stream goes on from the head.",
      }),
    }),
  });
}

interface StreamArgs {
  readonly after?: string | null;
  readonly tail?: number | null;
}

/** Opens a stream for a subscription field; core's errors keep their code on both transports. */
export function openStream(ctx: GraphQLContext, kind: StreamKind, id: string, { after, tail }: StreamArgs) {
  const actor = actorOf(ctx);
  const { lastEventId } = ctx;
  return ctx.streams.open(
    lastEventId ? { kind, id, actor, after: lastEventId } : { kind, id, actor, after, tail },
  );
}

export const AFTER =
  "Cursor of the last batch seen: goes on behind it. Without it and without `tail`, from the first retained event.";
export const TAIL =
  "Without `after`: begin at most so many events before the head; 0 = only what comes from now on.";

/** The events with the stream they are of, for fields that show the stream's own object. */
export function ofStream(batch: Batch, streamId: string | null): Batch {
  return { ...batch, events: batch.events.map((event) => ({ ...event, streamId })) };
}
