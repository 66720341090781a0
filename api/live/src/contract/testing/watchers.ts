import type { Context } from "@shiplog/core";
import { readEvents } from "@shiplog/core/live";
import { until } from "@shiplog/testkit/deferred";
import { expect } from "vitest";
import type { FaultyProcess } from "./faulty.ts";
import type { Follow, Record } from "./record.ts";
import { eventSource, fetchReader } from "./responses.ts";
import { apollo, graphqlWs, urql } from "./sockets.ts";
import { type ContractStory, openStory } from "./world.ts";

const CLIENTS: readonly Follow[] = [graphqlWs, urql, apollo, fetchReader, eventSource];

/** Runs that are written all the time, each watched by every kind of client at every server. */
export interface Watched {
  readonly records: readonly Record[];
  /** Those of one server. */
  at(server: FaultyProcess): readonly Record[];
  readonly stories: readonly ContractStory[];
  /** Appends to every run once more, as soon as the database takes it, and waits until the records have it. */
  delivered(records?: readonly Record[], withinMs?: number): Promise<void>;
  /** Ends the runs: every client must have every event once, in order, and no reset. */
  finish(): Promise<void>;
}

export async function watch(ctx: Context, servers: readonly FaultyProcess[], runs: number): Promise<Watched> {
  const stories = await Promise.all(Array.from({ length: runs }, () => openStory(ctx)));
  const followed = await Promise.all(
    stories.map(async (story) => {
      const { token } = await story.reader();
      return servers.flatMap((server) =>
        CLIENTS.map((follow, kind) => ({
          server,
          story,
          kind,
          ...follow({ url: server.url, execution: story.execution, token: () => token }),
        })),
      );
    }),
  );
  const all = followed.flat();
  const records = all.map(({ record }) => record);
  await until(() => records.every(({ connections }) => connections > 0), 60_000).catch(async () => {
    const left = all.filter(({ record }) => record.connections === 0);
    const ends = await Promise.all(left.map(({ record }) => Promise.race([record.end, "no end"])));
    const where = left.map(({ kind, server }, nth) => [
      kind,
      servers.indexOf(server),
      JSON.stringify(ends[nth]),
    ]);
    throw new Error(`not connected (client, server, end): ${where.join("; ")}`);
  });
  const writing = new AbortController();
  const written = write(ctx, stories, writing.signal);
  return {
    records,
    stories,
    at: (server) => all.filter((one) => one.server === server).map(({ record }) => record),
    delivered: async (wanted = records, withinMs = 5_000) => {
      const heads = new Map<ContractStory, number>();
      for (const story of stories) heads.set(story, await appended(story));
      const reached = all.filter(({ record }) => wanted.includes(record));
      await until(
        () => reached.every(({ record, story }) => record.lastSeq >= (heads.get(story) ?? 0)),
        withinMs,
      ).catch(() => {
        const behind = reached.filter(({ record, story }) => record.lastSeq < (heads.get(story) ?? 0));
        const where = behind.map(({ server, story, record }) => [
          servers.indexOf(server),
          record.lastSeq - (heads.get(story) ?? 0),
          record.connections,
        ]);
        throw new Error(`behind after ${withinMs} ms (server, events, connections): ${where.join(" ")}`);
      });
    },
    finish: async () => {
      writing.abort();
      await written;
      for (const story of stories) await story.finish();
      for (const { record, story, stop } of all) {
        expect(await record.end).toBe("complete");
        const log = await readEvents(ctx.db, story.executionId, 0, 1_000_000);
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
        expect(record.seqs).toEqual(log.map(({ seq }) => seq));
        expect(record.resets).toBe(0);
        stop();
      }
    },
  };
}

/** Until the database takes it: what fails may have been written all the same, as any commit whose answer is lost. */
async function appended(story: ContractStory): Promise<number> {
  return until(() => story.append(1).catch(() => null), 30_000);
}

async function write(ctx: Context, stories: readonly ContractStory[], signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    const story = stories[turn % stories.length] as ContractStory;
    await story.append(1 + (turn % 4)).catch((error) => ctx.log.debug({ error }, "not written"));
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
