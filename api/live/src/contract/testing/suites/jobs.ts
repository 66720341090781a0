import { SYSTEM } from "@shiplog/core";
import { type AgentEventInput, appendAgentExecutionEvents } from "@shiplog/core/agent";
import { encodeCursor, readEvents, readHeads } from "@shiplog/core/live";
import { sql } from "@shiplog/db";
import { until } from "@shiplog/testkit/deferred";
import { connectSocket } from "@shiplog/testkit/socket";
import { expect, test } from "vitest";
import { upTo } from "../../../testing/follow.ts";
import { NEWS, tell, tellMuch } from "../news.ts";
import { type ContractBatch, type Data, RUN } from "../record.ts";
import { overSse, overWebSocket } from "../recovery.ts";
import { theWorld } from "../world.ts";

const world = theWorld();
const { ctx } = world;

const cursorAt = (streamId: string, seq: number) => encodeCursor({ streamId, seq, epoch: ctx.epoch });
const seqs = ({ events }: ContractBatch) => events.map(({ seq }) => seq);

const SEEN = 5;

test("old events are pruned by a worker: who lags at either server, or comes later, gets reset and goes on", async () => {
  const story = await world.story();
  const { project, projectId } = story;
  const { token } = await story.reader();
  await tell(ctx, story, SEEN, "seen");
  const lagging = await Promise.all(
    world.urls.map(async (url) => {
      const client = await connectSocket(url, { params: { authorization: token } });
      const operation = client.subscribe(NEWS, { id: project });
      expect(seqs((await operation.data<Data>()).batch)).toEqual(upTo(SEEN));
      client.socket.pause();
      return { client, operation };
    }),
  );
  const last = await tellMuch(ctx, story);
  await ctx.db.$executeRaw(
    sql`UPDATE stream_event SET at = at - interval '100 days' WHERE stream_id = ${projectId}::uuid`,
  );
  await ctx.jobs.enqueue(ctx.db, "apply_retention", {});
  await until(async () => (await readHeads(ctx.db, [projectId]))[0]?.firstSeq === last + 1, 30_000);

  const told: number[] = [];
  for (const { client, operation } of lagging) {
    client.socket.resume();
    let { batch } = await operation.data<Data>();
    let read = SEEN;
    for (; !batch.reset; { batch } = await operation.data<Data>()) {
      for (const seq of seqs(batch)) expect(seq).toBe(++read);
    }
    told.push(read);
    expect(batch).toMatchObject({ events: [], caughtUp: true, cursor: cursorAt(projectId, last) });
  }
  for (const read of told) expect(read).toBeLessThan(last);
  for (const url of world.urls) {
    const query = { url, token, query: NEWS, id: project };
    for (const transport of [overWebSocket, overSse]) {
      const late = await transport({ ...query, after: cursorAt(projectId, SEEN) });
      expect(await late.next()).toMatchObject({ events: [], reset: true, cursor: cursorAt(projectId, last) });
      await late.stop();
    }
  }
  const next = await tell(ctx, story, 1, "young");
  for (const { client, operation } of lagging) {
    expect(seqs((await operation.data<Data>()).batch)).toEqual([next]);
    await client.close();
  }
});

const delta = (text: string): AgentEventInput => ({ textDelta: { messageId: "m", text } });

test("the pieces of a finished run's message are compacted by a worker; both servers go on behind them", async () => {
  const story = await world.story();
  const { execution, executionId } = story;
  const { token } = await story.reader();
  const append = (...events: AgentEventInput[]) =>
    appendAgentExecutionEvents(ctx, SYSTEM, { id: executionId, events });
  for (const text of ["It ", "is ", "done"]) await append(delta(text), { usage: { model: "m" } });
  await append({ message: { messageId: "m", role: "assistant", text: "It is done" } });
  await story.finish();
  // Its time has not come: whoever was cut off at the end still finds every piece.
  const due = await ctx.db.$queryRaw<{ id: string }[]>(
    sql`SELECT job.id FROM graphile_worker.reschedule_jobs(ARRAY(
          SELECT id FROM graphile_worker.jobs WHERE key = ${`prune_deltas:${executionId}`} AND run_at > now()
        ), run_at => now()) job`,
  );
  expect(due).toHaveLength(1);
  await until(async () => (await readEvents(ctx.db, executionId, 0, 100)).length === 5, 30_000);
  for (const url of world.urls) {
    const after = cursorAt(executionId, 2);
    const reading = await overWebSocket({ url, token, query: RUN, id: execution, after });
    const batch = await reading.next();
    expect(batch).toMatchObject({
      reset: false,
      events: [{ seq: 4 }, { seq: 6 }, { seq: 7, fromSeq: 1 }, { seq: 8, status: "COMPLETED" }],
    });
    expect(await reading.next()).toBe("complete");
    await reading.stop();
  }
});
