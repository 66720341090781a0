import { setTimeout as pause } from "node:timers/promises";
import type { ApiClient } from "../api.ts";
import { until } from "../deferred.ts";
import { agentKey, startExternalRun } from "../external_run.ts";
import { connectSocket, type SocketOperation } from "../socket.ts";

const EVERY_MS = 40;
const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id } } ... on Error { message } }
}`;
const FOLLOW = `subscription($id: ID!) {
  agentExecutionEvents(id: $id) { events { seq at } }
}`;

interface Batch {
  readonly agentExecutionEvents: {
    readonly events: readonly { readonly seq: number; readonly at: string }[];
  };
}

/** Of the events since the last look, from their time to their arrival (ms). */
export interface Latencies {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** Somebody who does no harm: writes a run and follows it. */
export interface Bystander {
  /** Resolves when so many events have come. */
  got(events: number): Promise<unknown>;
  latencies(): Latencies;
  /** Ends the run; the seqs of all of its events as they came. */
  stop(): Promise<readonly number[]>;
}

export async function follow(url: string, owner: ApiClient): Promise<Bystander> {
  const { createProject } = await owner.graphql<{ createProject: { project: { id: string } } }>(CREATE, {
    input: { name: "Bystander", slug: "bystander" },
  });
  const { id: projectId } = createProject.project;
  const agent = await agentKey(url, owner, projectId);
  const run = await startExternalRun(agent, projectId, "follow");
  const socket = await connectSocket(url.concat("/graphql"), {
    params: { authorization: `Bearer ${owner.token}` },
  });
  const seqs: number[] = [];
  let waits: number[] = [];
  const reading = read(socket.subscribe(FOLLOW, { id: run.id }), (seq, ms) => {
    seqs.push(seq);
    waits.push(ms);
  });
  let writing = true;
  const written = write();

  async function write(): Promise<void> {
    for (let n = 0; writing; n++) {
      await run.append([{ message: { messageId: `m${n}`, role: "assistant", text: "word ".repeat(20) } }]);
      await pause(EVERY_MS);
    }
  }

  return {
    got: (events) => until(() => seqs.length >= events),
    latencies: () => {
      const sorted = waits.toSorted((a, b) => a - b);
      waits = [];
      const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
      return { events: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
    },
    stop: async () => {
      writing = false;
      await written;
      await run.finish();
      await reading;
      await socket.close();
      return seqs;
    },
  };
}

/** Until the run's end. */
async function read(operation: SocketOperation, take: (seq: number, ms: number) => void): Promise<void> {
  for (let message = await operation.next(); message?.type === "next"; message = await operation.next()) {
    const now = Date.now();
    const { agentExecutionEvents } = message.payload.data as unknown as Batch;
    for (const { seq, at } of agentExecutionEvents.events) take(seq, now - Date.parse(at));
  }
}
