import { type Context, record, transact } from "@shiplog/core";
import type { Story } from "@shiplog/core/live/testing";

/** What is asked for of a project's own stream. */
export const NEWS = `subscription ($id: ID!, $after: String, $tail: Int) {
  batch: projectEvents(projectId: $id, after: $after, tail: $tail) {
    cursor caughtUp reset events { seq ... on AgentExecutionChanged { title } } } }`;

/** Appends that many events to the project's own stream; answers the last seq. */
export async function tell(ctx: Context, story: Story, count: number, title: string): Promise<number> {
  const { projectId, executionId } = story;
  const data = { executionId, status: "running", title };
  const events = Array.from({ length: count }, () => ({ type: "AgentExecutionChanged", data }));
  const entry = { kind: "project", streamId: projectId, projectId, events } as const;
  return (await transact(ctx, async (tx) => record(tx, entry))).lastSeq;
}

/** More than the kernel and the server hold for a socket that nobody reads: 22 MB. Answers the last seq. */
export async function tellMuch(ctx: Context, story: Story): Promise<number> {
  const title = "x".repeat(15_000);
  for (let portion = 1; portion < 30; portion++) await tell(ctx, story, 50, title);
  return tell(ctx, story, 50, title);
}
