import { SYSTEM, type UserActor } from "@shiplog/core";
import { invalidateSession } from "@shiplog/core/account";
import { removeProjectMember } from "@shiplog/core/project";
import { connectSocket, type SocketClient, type SocketOperation } from "@shiplog/testkit/socket";
import { type EventReader, openEvents } from "@shiplog/testkit/sse";
import { expect, test } from "vitest";
import { NEWS, tellMuch } from "../news.ts";
import { type Data, RUN } from "../record.ts";
import { type ContractStory, theWorld } from "../world.ts";

const world = theWorld();
const { ctx } = world;

const WITHIN_MS = 1_000;

/** How a stream ended: the code of its error or of the socket's close, "over" for a response that only ends. */
interface End {
  readonly how: unknown;
  /** By the monotonic clock (ms). */
  readonly at: number;
  /** The last seq that came. */
  readonly last: number;
}

const lastOf = ({ batch }: Data, before: number) => batch.events.at(-1)?.seq ?? before;

async function endOfSocket(client: SocketClient, operation: SocketOperation): Promise<End> {
  let last = 0;
  for (;;) {
    const message = await operation.next();
    if (message?.type === "next") last = lastOf(message.payload.data as unknown as Data, last);
    else {
      const how =
        message?.type === "error" ? message.payload[0]?.extensions?.code : (await client.closed).code;
      return { how, at: performance.now(), last };
    }
  }
}

async function endOfEvents(reader: EventReader): Promise<End> {
  let last = 0;
  for (;;) {
    const message = await reader.message<{ data?: Data; errors?: { extensions: { code: unknown } }[] }>();
    if (message?.data.data) last = lastOf(message.data.data, last);
    else return { how: message?.data.errors?.[0]?.extensions.code ?? "over", at: performance.now(), last };
  }
}

/** A way to lose a stream, and how it ends over each transport. */
const LOSSES = {
  "a membership": {
    lose: (story: ContractStory, { userId }: UserActor) =>
      removeProjectMember(ctx, SYSTEM, { projectId: story.projectId, userId }),
    socket: "FORBIDDEN",
    events: "FORBIDDEN",
  },
  "a session": {
    lose: (_story: ContractStory, { sessionId }: UserActor) => invalidateSession(ctx, sessionId),
    socket: 4401,
    events: "over",
  },
} as const;

test.each(Object.entries(LOSSES))(
  "%s that is lost ends its streams at both servers within a second: idle, busy, catching up, stalled",
  async (_name, { lose, ...ends }) => {
    const story = await world.story();
    const { token, actor } = await story.reader();
    await story.append(3_000, { text: "x".repeat(500) });
    const told = await tellMuch(ctx, story);
    const open = async (url: string, query: string, variables: { id: string; tail?: number }) => {
      const client = await connectSocket(url, { params: { authorization: token } });
      const operation = client.subscribe(query, variables);
      await operation.data();
      return { client, operation };
    };
    const { execution: id } = story;
    const live = await Promise.all(
      world.urls.map(async (url) => {
        const [idle, busy, stalled] = await Promise.all([
          open(url, NEWS, { id: story.project, tail: 0 }),
          open(url, RUN, { id, tail: 0 }),
          open(url, NEWS, { id: story.project }),
        ]);
        stalled.client.socket.pause();
        const headers = { authorization: `Bearer ${token}` };
        const events = await openEvents(url, { query: RUN, variables: { id, tail: 0 } }, headers);
        await events.message();
        return { idle, busy, stalled, events };
      }),
    );
    let writing = true;
    const written = (async () => {
      while (writing) await story.append(1);
    })();
    const behind = await Promise.all(world.urls.map((url) => open(url, RUN, { id })));
    const sockets = [...live.flatMap(({ idle, busy }) => [idle, busy]), ...behind];
    const ended = [
      ...sockets.map(
        async ({ client, operation }) => [ends.socket, await endOfSocket(client, operation)] as const,
      ),
      ...live.map(async ({ events }) => [ends.events, await endOfEvents(events)] as const),
    ];
    await lose(story, actor);
    const lostAt = performance.now();
    for (const [how, end] of await Promise.all(ended)) {
      expect(end.how).toBe(how);
      expect(end.at - lostAt).toBeLessThan(WITHIN_MS);
    }
    writing = false;
    await written;
    // What it had not been sent by then never comes.
    for (const { stalled } of live) {
      stalled.client.socket.resume();
      const end = await endOfSocket(stalled.client, stalled.operation);
      expect(end.how).toBe(ends.socket);
      expect(end.last).toBeLessThan(told);
    }
    for (const { client } of [...sockets, ...live.map(({ stalled }) => stalled)]) client.kill();
  },
);
