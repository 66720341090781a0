import { type Actor, type Context, encodeId, record, transact } from "@shiplog/core";
import { SCOPES } from "@shiplog/core/account";
import { createStreams, type NewEvent, type StreamHub, type StreamKind } from "@shiplog/core/live";
import { createSchema } from "@shiplog/schema";
import { type Filled, makeWorld, type World } from "@shiplog/schema/testing/world";
import { expect } from "vitest";
import { type Answer, graphqlAs } from "../graphql.ts";
import { makeKey, makePerson } from "../people.ts";
import { connectSocket, type SocketClient, type SocketMessage, type SocketOperation } from "../socket.ts";
import { DocumentMaker, type Root, random } from "./documents.ts";
import { changeGrants } from "./grants.ts";
import { type SharingServer, startSharingServer } from "./server.ts";

interface Viewer {
  readonly name: string;
  /** As whom his results are made when they are made for him alone. */
  readonly actor: Actor;
  readonly client: SocketClient;
}

interface Stream extends Root {
  readonly kind: StreamKind;
  readonly streamId: string;
  readonly id: string;
}

/** What a viewer was given: data and where it failed, or why he was refused. */
interface Given {
  readonly data?: unknown;
  readonly errors: readonly unknown[];
}

function streamsOf(ours: Filled): Stream[] {
  return [
    {
      root: "projectEvents",
      argument: "projectId",
      kind: "project",
      streamId: ours.projectId,
      id: encodeId("Project", ours.projectId),
    },
    {
      root: "agentExecutionEvents",
      argument: "id",
      kind: "agent_execution",
      streamId: ours.executionId,
      id: encodeId("AgentExecution", ours.executionId),
    },
    {
      root: "pipelineExecutionEvents",
      argument: "id",
      kind: "pipeline_execution",
      streamId: ours.pipelineId,
      id: encodeId("PipelineExecution", ours.pipelineId),
    },
  ];
}

/** One of everything that a stream can tell of. */
function eventsOf({ kind }: Stream, ours: Filled): NewEvent[] {
  const title = "A title";
  switch (kind) {
    case "project":
      return [
        { type: "AgentExecutionChanged", data: { executionId: ours.executionId, status: "running", title } },
        { type: "PipelineExecutionChanged", data: { executionId: ours.pipelineId, status: "failed", title } },
        { type: "DeploymentChanged", data: { deploymentId: ours.deploymentId, status: "success", title } },
        { type: "AIActivitiesRecorded", data: { count: 1, activityIds: [ours.activityId] } },
      ];
    case "agent_execution":
      return [
        { type: "AgentTextDelta", data: { messageId: "m2", text: "more" } },
        {
          type: "AgentToolCallFinished",
          data: {
            callId: "c",
            ok: true,
            result: { b: 1, a: [2] },
            durationMs: 3,
            truncated: false,
            contentId: null,
          },
        },
      ];
    case "pipeline_execution":
      return [
        { type: "PipelineStatusChanged", data: { status: "failed" } },
        {
          type: "PipelineDeploymentChanged",
          data: { deploymentId: ours.deploymentId, environment: "production", status: "success" },
        },
      ];
  }
}

const where = (errors: readonly { readonly path?: unknown; readonly extensions?: unknown }[] = []) =>
  errors.map(({ path, extensions }): Place => [(extensions as { code?: unknown } | undefined)?.code, path]);

function givenBy(message: SocketMessage | null): Given {
  if (message?.type !== "next") return { errors: where(message?.type === "error" ? message.payload : []) };
  const { data, errors } = message.payload;
  return { data, errors: nulled(data, where(errors)) };
}

/** The code of an error, and the path to its field. */
type Place = readonly [code: unknown, path: unknown];

/**
 * Each null that errors left, once per code. Which of several errors below the same null are told is up to whoever
 * executes (GraphQL specification, 6.4.4), and a compiled document tells others than the interpreter.
 */
function nulled(data: unknown, places: readonly Place[]): unknown[] {
  const nulls = places.map(([code, path]) => {
    const steps = path as readonly (string | number)[];
    let value = data;
    const end = steps.findIndex((step) => {
      value = (value as Record<string | number, unknown>)[step];
      return value === null;
    });
    return JSON.stringify([code, steps.slice(0, end + 1)]);
  });
  return [...new Set(nulls)].sort();
}

/** The same, executed for the viewer alone, as himself. */
async function individually(
  individual: ReturnType<typeof graphqlAs>,
  document: string,
  variables: Record<string, unknown>,
): Promise<Given> {
  try {
    const answers = await individual.subscribe(document, variables);
    const { value } = await answers.next();
    await answers.return(undefined);
    const { data, errors = [] }: Partial<Answer<unknown>> = value ?? {};
    const places = errors.map((error): Place => [error.code, error.path]);
    return data ? { data, errors: nulled(data, places) } : { errors: places };
  } catch (error) {
    const refused = JSON.parse((error as Error).message) as { code: unknown; path?: unknown }[];
    return { errors: refused.map(({ code, path }) => [code, path]) };
  }
}

const code = ({ errors }: Given) => (errors[0] as [unknown, unknown] | undefined)?.[0];

/** Events of a first batch: so few that it reaches the head. */
const HISTORY = 20;
const TYPES_AT_ONCE = 3;
/** Behind lists of lists: no document may ask for as many. */
const BARRED = ["DeliveryCounts"];

export interface Extent {
  /** Types that documents before the random ones cover. */
  readonly covers: "all" | readonly string[];
  /** Random ones. */
  readonly documents: number;
  readonly seed: number;
}

/**
 * Generated documents over the three streams, each asked at once by viewers of every role, by keys with random scopes
 * and by strangers: what each gets from the hub, which executes once for all who may see the same, is what he gets
 * when his document is executed for him alone. Of history, of what comes while it runs, and after grants changed.
 */
export async function compareShared(ctx: Context, { covers, documents, seed }: Extent): Promise<void> {
  const next = random(seed);
  const world = await makeWorld(ctx);
  const { ours } = world;
  const streams = createStreams(ctx);
  const server = await startSharingServer(ctx, streams);
  const viewers = await join(ctx, world, server, next);
  const maker = new DocumentMaker(createSchema(), next);
  const all = streamsOf(ours);
  const write = (stream: Stream) =>
    transact(
      ctx,
      async (tx) =>
        void record(tx, {
          kind: stream.kind,
          streamId: stream.streamId,
          projectId: ours.projectId,
          events: eventsOf(stream, ours),
        }),
    );
  for (const stream of all) await write(stream);
  const compare = async (stream: Stream, document: string): Promise<boolean> => {
    const said = `seed ${seed}\n${document}`;
    const comparison = new Comparison(ctx, streams, { document, id: stream.id, said });
    if (!(await comparison.begin(viewers))) return false;
    await write(stream);
    await comparison.goOn(viewers);
    const changed = await changeGrants(ctx, viewers, ours.projectId, next);
    await streams.access.check();
    await write(stream);
    await comparison.goOn(changed.viewers);
    comparison.end();
    await changed.undo();
    await streams.access.check();
    return true;
  };
  const refused = await coverTypes(maker, all, covers, compare);
  expect(refused).toEqual(covers === "all" ? BARRED : []);
  for (let n = 0; n < documents; n++) {
    const stream = all[n % all.length] as Stream;
    await compare(stream, maker.make(stream));
  }
  for (const { client } of viewers) await client.close();
  await server.stop();
  streams.close();
}

/** Compares every own field of each of these types that the streams lead to; the types whose documents cost too much. */
async function coverTypes(
  maker: DocumentMaker,
  streams: readonly Stream[],
  covers: Extent["covers"],
  compare: (stream: Stream, document: string) => Promise<boolean>,
): Promise<string[]> {
  const done = new Set<string>();
  const refused: string[] = [];
  for (const stream of streams) {
    const wanted = maker.paths(stream).filter(([type]) => covers === "all" || covers.includes(type));
    const left = wanted.filter(([type]) => !done.has(type));
    for (const [type] of left) done.add(type);
    while (left.length > 0) {
      const types = left.splice(0, TYPES_AT_ONCE);
      if (await compare(stream, maker.cover(stream, types))) continue;
      for (const one of types) if (!(await compare(stream, maker.cover(stream, [one])))) refused.push(one[0]);
    }
  }
  return refused;
}

async function join(
  ctx: Context,
  world: World,
  server: SharingServer,
  next: () => number,
): Promise<Viewer[]> {
  const { projectId } = world.ours;
  const viewer = async (name: string, actor: Actor): Promise<Viewer> => {
    const client = await connectSocket(server.url, { params: { authorization: server.token(actor) } });
    return { name, actor, client };
  };
  const another = await makePerson(ctx, { [projectId]: "viewer" });
  return Promise.all([
    ...Object.entries(world.people).map(([role, actor]) => viewer(role, actor)),
    viewer("another viewer", another.actor),
    viewer("a stranger", world.stranger),
    viewer("an administrator without membership", world.admin),
    viewer("a key with everything", world.key),
    ...[1, 2, 3].map(async (n) => {
      const granted = SCOPES.filter(() => next() < 0.5);
      const key = await makeKey(ctx, projectId, granted.length > 0 ? granted : ["metrics:read"]);
      return viewer(`key ${n}: ${key.actor.scopes.join(" ")}`, key.actor);
    }),
  ]);
}

interface Compared {
  readonly document: string;
  readonly id: string;
  readonly said: string;
}

/** One document, asked by all viewers at once. */
class Comparison {
  readonly #ctx: Context;
  readonly #streams: StreamHub;
  readonly #compared: Compared;
  #operations: SocketOperation[] = [];
  /** Where each viewer stands; null: his operation is over. */
  #cursors: (string | null)[] = [];

  constructor(ctx: Context, streams: StreamHub, compared: Compared) {
    this.#ctx = ctx;
    this.#streams = streams;
    this.#compared = compared;
  }

  /** False when it costs too much, which is judged before anything is looked at, so for everybody alike. */
  async begin(viewers: readonly Viewer[]): Promise<boolean> {
    const { document, said } = this.#compared;
    this.#operations = viewers.map(({ client }, index) =>
      client.subscribe(document, { ...this.#variables(index), tail: HISTORY }),
    );
    const first = await Promise.all(
      this.#operations.map(async (operation) => givenBy(await operation.next())),
    );
    if (first.some((given) => code(given) === "QUERY_TOO_COMPLEX")) {
      for (const given of first) expect(code(given), said).toBe("QUERY_TOO_COMPLEX");
      return false;
    }
    this.#cursors = viewers.map(() => null);
    for (const [index, viewer] of viewers.entries())
      await this.#compare(index, viewer, first[index] as Given, undefined);
    return true;
  }

  /** The next message of whoever still reads. */
  async goOn(viewers: readonly Viewer[]): Promise<void> {
    for (const [index, viewer] of viewers.entries()) {
      const after = this.#cursors[index];
      if (!after) continue;
      const shared = givenBy((await this.#operations[index]?.next()) ?? null);
      await this.#compare(index, viewer, shared, after);
    }
  }

  end(): void {
    for (const operation of this.#operations) operation.complete();
  }

  /** Two sorts of viewers ask with different variables: they must not get each other's. */
  #variables(index: number): Record<string, unknown> {
    return { id: this.#compared.id, flag: index % 2 === 0, n: 1 + (index % 2) };
  }

  async #compare(index: number, viewer: Viewer, shared: Given, after: string | undefined): Promise<void> {
    const { document, said } = this.#compared;
    const individual = graphqlAs(this.#ctx, viewer.actor, this.#streams);
    const from = after === undefined ? { tail: HISTORY } : { after };
    const alone = await individually(individual, document, { ...this.#variables(index), ...from });
    const message = `${viewer.name}, ${said}`;
    // Refused as a whole: why is the same; where, is told with results only.
    if (!alone.data) expect([shared.data, code(shared)], message).toEqual([undefined, code(alone)]);
    else expect(shared, message).toEqual(alone);
    this.#cursors[index] = (shared.data as { batch: { cursor: string } } | undefined)?.batch.cursor ?? null;
  }
}
