import type { Actor, Context } from "@shiplog/core";
import { SCOPES } from "@shiplog/core/account";

interface Granted {
  readonly actor: Actor;
}

/** Changes the role of every other person of a project, and the scopes of every other key, and says so. */
export async function changeGrants<V extends Granted>(
  ctx: Context,
  viewers: readonly V[],
  projectId: string,
  next: () => number,
): Promise<{ readonly viewers: readonly V[]; undo(): Promise<void> }> {
  const undo: (() => Promise<unknown>)[] = [];
  const changed = viewers.map((viewer) => (next() < 0.5 ? change(viewer) : viewer));

  function change(viewer: V): V | Promise<V> {
    const { actor } = viewer;
    if (actor.type === "user") return changeRole(viewer, actor.userId);
    return actor.type === "key" ? changeScopes(viewer, actor) : viewer;
  }

  async function changeRole(viewer: V, userId: string): Promise<V> {
    const where = { projectId_userId: { projectId, userId } };
    const member = await ctx.db.projectMember.findUnique({ where });
    if (!member) return viewer;
    const role = member.role === "viewer" ? "owner" : "viewer";
    await ctx.db.projectMember.update({ where, data: { role } });
    undo.push(() => ctx.db.projectMember.update({ where, data: { role: member.role } }));
    return viewer;
  }

  async function changeScopes(viewer: V, actor: Extract<Actor, { type: "key" }>): Promise<V> {
    const scopes = SCOPES.filter(() => next() < 0.6);
    const set = (data: { scopes: string[] }) => ctx.db.apiKey.update({ where: { id: actor.keyId }, data });
    await set({ scopes });
    undo.push(() => set({ scopes: [...actor.scopes] }));
    return { ...viewer, actor: { ...actor, scopes } };
  }

  const result = await Promise.all(changed);
  ctx.bus.accessChanged();
  return {
    viewers: result,
    undo: async () => {
      for (const back of undo) await back();
      ctx.bus.accessChanged();
    },
  };
}
