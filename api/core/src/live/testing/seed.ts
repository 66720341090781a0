import type { Role } from "../../account/policy.ts";
import type { Actor } from "../../actor.ts";
import type { Context } from "../../context.ts";
import { encodeId, newUuid } from "../../ids.ts";
import { record, transact } from "../../transaction.ts";

/** A project with one agent execution, and how to write to its stream. */
export interface Story {
  readonly projectId: string;
  readonly executionId: string;
  /** Public ids of the two. */
  readonly project: string;
  readonly execution: string;
  /** Appends that many events to the execution in one transaction; `ends` makes the last one terminal. */
  append(count: number, options?: { readonly ends?: boolean; readonly text?: string }): Promise<number>;
  /** A signed-in member of the project. */
  member(role?: Role): Promise<Extract<Actor, { type: "user" }>>;
  /** A key of the project. */
  key(scopes: string[], expiresAt?: Date): Promise<Extract<Actor, { type: "key" }>>;
}

/** Rows made directly, so that tests of the log depend on no other area. */
export async function seedStory(ctx: Context): Promise<Story> {
  const [projectId, executionId] = [newUuid(), newUuid()];
  const now = ctx.clock.now();
  await ctx.db.project.create({
    data: { id: projectId, name: "Story", slug: `story-${projectId}`, createdAt: now, updatedAt: now },
  });
  await ctx.db.agentExecution.create({
    data: {
      id: executionId,
      projectId,
      agentType: "test",
      taskDescription: "",
      status: "running",
      external: true,
      lastActivityAt: now,
      createdAt: now,
    },
  });
  const append: Story["append"] = async (count, { ends = false, text = "" } = {}) => {
    const receipt = await transact(ctx, async (tx) => {
      const events = Array.from({ length: count }, () => ({ type: "AgentTextDelta", data: { text } }));
      return record(tx, { kind: "agent_execution", streamId: executionId, projectId, events, ends });
    });
    return receipt.lastSeq;
  };
  return {
    projectId,
    executionId,
    project: encodeId("Project", projectId),
    execution: encodeId("AgentExecution", executionId),
    append,
    member: (role = "viewer") => seedMember(ctx, projectId, role),
    key: (scopes, expiresAt) => seedKey(ctx, projectId, scopes, expiresAt),
  };
}

async function seedMember(ctx: Context, projectId: string, role: Role) {
  const [userId, sessionId] = [newUuid(), newUuid()];
  const now = ctx.clock.now();
  await ctx.db.user.create({
    data: {
      id: userId,
      email: `${userId}@example.com`,
      name: "Member",
      createdAt: now,
      updatedAt: now,
      memberships: { create: { projectId, role, createdAt: now } },
      sessions: {
        create: {
          id: sessionId,
          createdAt: now,
          lastUsedAt: now,
          expiresAt: new Date(now.getTime() + 7 * 86_400_000),
        },
      },
    },
  });
  return { type: "user", userId, sessionId, isAdmin: false } as const;
}

async function seedKey(ctx: Context, projectId: string, scopes: string[], expiresAt?: Date) {
  const keyId = newUuid();
  await ctx.db.apiKey.create({
    data: {
      id: keyId,
      projectId,
      name: "Key",
      prefix: keyId.slice(0, 8),
      hash: Buffer.alloc(32),
      scopes,
      createdAt: ctx.clock.now(),
      expiresAt: expiresAt ?? null,
    },
  });
  return { type: "key", keyId, projectId, userId: null, scopes } as const;
}
