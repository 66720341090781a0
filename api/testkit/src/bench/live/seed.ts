import { encodeId } from "@shiplog/core";
import { startAgentExecution } from "@shiplog/core/agent";
import { createProject } from "@shiplog/core/project";
import { createDb } from "@shiplog/db";
import { makeContext } from "../../context.ts";
import { makePerson } from "../../people.ts";
import type { Target } from "./process/product.ts";

/** What the benchmarked server finds in its database. */
export interface Seed {
  /** SHIPLOG_KEYS that open what was sealed here. */
  readonly keys: string;
  /** Runs that are watched. */
  readonly watched: Target;
  /** As many runs that nobody watches. */
  readonly silent: Target;
  /** Public ids of the watched runs. */
  readonly ids: readonly string[];
  /** Access tokens of the project's viewers. */
  readonly tokens: readonly string[];
}

/** The key that `makeContext` seals with. */
const KEYS = `test:${Buffer.alloc(32, 7).toString("base64")}`;

/** A project with viewers, and twice so many external runs, by the operations of core. */
export async function seedDatabase(
  url: string,
  size: { readonly runs: number; readonly viewers: number },
): Promise<Seed> {
  const db = createDb(url, { max: 4 });
  try {
    const ctx = await makeContext({ db });
    const owner = await makePerson(ctx);
    const project = await createProject(ctx, owner.actor, { name: "Bench" });
    const start = async () => {
      const input = { projectId: project.id, agentType: "bench", external: true };
      return (await startAgentExecution(ctx, owner.actor, input)).id;
    };
    const executions: string[] = [];
    while (executions.length < size.runs * 2) executions.push(await start());
    const tokens: string[] = [];
    while (tokens.length < size.viewers) {
      tokens.push((await makePerson(ctx, { [project.id]: "viewer" })).accessToken);
    }
    const watched = executions.slice(0, size.runs);
    return {
      keys: KEYS,
      watched: { name: "watched", projectId: project.id, executions: watched },
      silent: { name: "silent", projectId: project.id, executions: executions.slice(size.runs) },
      ids: watched.map((id) => encodeId("AgentExecution", id)),
      tokens,
    };
  } finally {
    await db.$disconnect();
  }
}
