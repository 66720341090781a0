import { type Context, encodeId, newUuid, SYSTEM } from "@shiplog/core";
import { appendAgentExecutionEvents } from "@shiplog/core/agent";
import { encodeCursor } from "@shiplog/core/live";
import { sql } from "@shiplog/db";
import { PROJECT, RUN } from "./record.ts";
import type { ContractStory } from "./world.ts";

/** One row of the recovery table of PROTOCOL.md. */
export interface Row {
  readonly position: string;
  /** Of a run when absent. */
  readonly stream?: "project";
  /** What happened before the reader comes; 10 events were appended when absent. */
  readonly history?: (ctx: Context, story: ContractStory) => Promise<unknown>;
  /** Where it begins; a number is the place of a cursor. */
  readonly after?: number | ((streamId: string, epoch: string) => string);
  readonly tail?: number;
  readonly gets:
    | {
        /** The events up to the head, in as many batches as they take. */
        readonly events: readonly number[];
        readonly reset?: true;
        /** The place of the cursor at the head. */
        readonly head: number;
        /** The stream is over; else it goes on live. */
        readonly complete?: true;
      }
    | { readonly error: string; readonly status: number };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const ten = (_ctx: Context, story: ContractStory) => story.append(10);
const reset = (head: number) => ({ events: [], reset: true, head }) as const;

/** Takes the events below `first` away, as retention does. */
async function prune(ctx: Context, streamId: string, first: number): Promise<void> {
  await ctx.db.$executeRaw(
    sql`DELETE FROM stream_event WHERE stream_id = ${streamId}::uuid AND seq < ${first}`,
  );
  await ctx.db.$executeRaw(
    sql`UPDATE stream_head SET first_seq = ${first} WHERE stream_id = ${streamId}::uuid`,
  );
}

const pruned = async (ctx: Context, story: ContractStory) => {
  await story.append(10);
  await prune(ctx, story.executionId, 6);
};

const expired = async (ctx: Context, story: ContractStory) => {
  await story.append(10);
  await prune(ctx, story.executionId, 11);
};

const gone = async (ctx: Context, story: ContractStory) => {
  await expired(ctx, story);
  await ctx.db.streamHead.delete({ where: { streamId: story.executionId } });
};

/** Pieces 1 to 5 of a message, the message 6, two tool events behind; then the pieces 2 to 5 go. */
const compacted = async (ctx: Context, story: ContractStory) => {
  const id = story.executionId;
  for (let i = 0; i < 5; i++) {
    const textDelta = { messageId: "m", text: `${i} ` };
    await appendAgentExecutionEvents(ctx, SYSTEM, { id, events: [{ textDelta }] });
  }
  const message = { messageId: "m", role: "assistant", text: "0 1 2 3 4 " };
  await appendAgentExecutionEvents(ctx, SYSTEM, { id, events: [{ message }] });
  await story.append(2);
  await ctx.db.$executeRaw(
    sql`DELETE FROM stream_event WHERE stream_id = ${id}::uuid AND seq BETWEEN 2 AND 5`,
  );
};

/** That many events of the project, written as rows: the way there is not what is tested. */
const projectHistory = (count: number) => async (ctx: Context, story: ContractStory) => {
  const { projectId } = story;
  await ctx.db.$executeRaw(
    sql`INSERT INTO stream_head (stream_id, kind, project_id, seq)
        VALUES (${projectId}::uuid, 'project', ${projectId}::uuid, ${count})`,
  );
  await ctx.db.$executeRaw(
    sql`INSERT INTO stream_event (stream_id, seq, at, type, data)
        SELECT ${projectId}::uuid, seq, now(), 'AgentExecutionChanged',
               jsonb_build_object('executionId', ${story.executionId}::text, 'status', 'running', 'title', '')
        FROM generate_series(1, ${count}) seq`,
  );
};

export const ROWS: readonly Row[] = [
  { position: "an empty stream", history: async () => {}, gets: { events: [], head: 0 } },
  { position: "from the start", gets: { events: range(1, 10), head: 10 } },
  { position: "from the middle", after: 4, gets: { events: range(5, 10), head: 10 } },
  { position: "at the live edge", after: 10, gets: { events: [], head: 10 } },
  { position: "the live edge by tail: 0", tail: 0, gets: { events: [], head: 10 } },
  { position: "the last 3 by tail", tail: 3, gets: { events: [8, 9, 10], head: 10 } },
  { position: "beyond the edge", after: 11, gets: reset(10) },
  { position: "beyond any edge", after: 2 ** 32 - 1, gets: reset(10) },
  { position: "the last position before what was pruned", history: pruned, after: 4, gets: reset(10) },
  {
    position: "the position where the pruned part ends",
    history: pruned,
    after: 5,
    gets: { events: range(6, 10), head: 10 },
  },
  {
    position: "from the start of a pruned stream",
    history: pruned,
    gets: { events: range(6, 10), head: 10 },
  },
  {
    position: "a tail that reaches into the pruned part",
    history: pruned,
    tail: 8,
    gets: { events: range(6, 10), head: 10 },
  },
  { position: "an expired stream, in the middle", history: expired, after: 4, gets: reset(10) },
  {
    position: "an expired stream, at its edge",
    history: expired,
    after: 10,
    gets: { events: [], head: 10 },
  },
  { position: "an expired stream, from the start", history: expired, gets: { events: [], head: 10 } },
  {
    position: "a stream whose head is gone as well",
    history: gone,
    after: 4,
    gets: reset(0),
  },
  {
    position: "another epoch",
    after: (streamId) => encodeCursor({ streamId, seq: 4, epoch: "0123456789abcdef" }),
    gets: reset(10),
  },
  {
    position: "another stream",
    after: (_, epoch) => encodeCursor({ streamId: newUuid(), seq: 4, epoch }),
    gets: reset(10),
  },
  { position: "garbage", after: () => "garbage", gets: reset(10) },
  {
    position: "a cursor with a character too many",
    after: (streamId, epoch) => `${encodeCursor({ streamId, seq: 4, epoch })}A`,
    gets: reset(10),
  },
  {
    position: "inside a compacted range",
    history: compacted,
    after: 3,
    gets: { events: [6, 7, 8], head: 8 },
  },
  {
    position: "before a compacted range",
    history: compacted,
    gets: { events: [1, 6, 7, 8], head: 8 },
  },
  {
    position: "very far behind in a run",
    history: (_ctx, story) => story.append(1_510),
    after: 5,
    gets: {
      events: range(6, 1510),
      head: 1510,
    },
  },
  {
    position: "10,000 behind in a project",
    stream: "project",
    history: projectHistory(10_005),
    after: 5,
    gets: {
      events: range(6, 10_005),
      head: 10_005,
    },
  },
  {
    position: "more than 10,000 behind in a project",
    stream: "project",
    history: projectHistory(10_005),
    after: 4,
    gets: reset(10_005),
  },
  {
    position: "the middle of a finished stream",
    history: async (ctx, story) => {
      await ten(ctx, story);
      await story.finish();
    },
    after: 8,
    gets: { events: [9, 10, 11], head: 11, complete: true },
  },
  {
    position: "a cursor that cannot be honoured of a finished stream",
    history: (_ctx, story) => story.append(10, { ends: true }),
    after: () => "garbage",
    gets: { ...reset(10), complete: true },
  },
  { position: "both after and tail", after: 4, tail: 2, gets: { error: "INVALID_INPUT", status: 400 } },
  { position: "a negative tail", tail: -1, gets: { error: "INVALID_INPUT", status: 400 } },
];

/** The subscription that a row is about. */
export function asked(row: Row, story: ContractStory, ctx: Context) {
  const streamId = row.stream ? story.projectId : story.executionId;
  const cursorAt = (seq: number) => encodeCursor({ streamId, seq, epoch: ctx.epoch });
  return {
    query: row.stream ? PROJECT : RUN,
    id: row.stream ? encodeId("Project", streamId) : story.execution,
    after: typeof row.after === "number" ? cursorAt(row.after) : row.after?.(streamId, ctx.epoch),
    tail: row.tail,
    cursorAt,
    history: row.history ?? ten,
  };
}
