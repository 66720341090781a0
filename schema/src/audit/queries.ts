import { type AuditFilter, auditWhere, decide, mayInstance } from "@shiplog/core/account";
import { builder } from "../builder.ts";
import type { GraphQLContext } from "../context.ts";
import { pageComplexity } from "../shared/complexity.ts";
import { AuditOutcome } from "../shared/enums.ts";
import { uuidOrNull } from "../shared/ids.ts";
import { visiblePage } from "../shared/keyset.ts";
import { visible } from "../shared/visible.ts";
import { AuditEntry } from "./type.ts";

const AuditEntryFilter = builder.inputType("AuditEntryFilter", {
  description: "What to show of the audit log; each field that is given restricts it further.",
  fields: (t) => ({
    action: t.string({ description: "A whole action, e.g. api_key.create, or its thing, e.g. api_key." }),
    actor: t.id({ description: "Only what this person, API key, session or integration did." }),
    target: t.id({ description: "Only what was done to this object." }),
    outcome: t.field({ type: AuditOutcome, description: "Only what ended so." }),
    from: t.field({ type: "DateTime", description: "At or after this time." }),
    to: t.field({ type: "DateTime", description: "Before this time." }),
    search: t.string({
      description:
        "Part of the action, the address, the user agent or the request id, or of a person's name or e-mail address; case does not matter.",
    }),
  }),
});

/** The condition on the project; null: not for this viewer. */
async function scopeOf(ctx: GraphQLContext, id: string | null | undefined): Promise<object | null> {
  const { actor, core } = ctx;
  if (!actor) return null;
  if (id == null) return mayInstance(actor, "audit.read_instance") ? {} : null;
  const projectId = uuidOrNull("Project", id);
  if (!projectId || (await decide(core, actor, projectId, "audit.read")) !== "allowed") return null;
  return { projectId };
}

builder.queryField("auditEntries", (t) =>
  t.connection(
    {
      type: AuditEntry,
      nullable: true,
      description:
        "Who attempted to change what. Of a project for its owners; without a project of the whole installation, for administrators, who see no details of projects that they do not own. Null otherwise. Two statements, one more with `search`, plus relations; a filter that fits little reads the log until the page is full.",
      authScopes: { person: true },
      extensions: visible("AuditEntry"),
      complexity: pageComplexity,
      args: {
        projectId: t.arg.id({ description: "The project; null = the whole installation." }),
        filter: t.arg({ type: AuditEntryFilter, description: "What to show; null = all." }),
      },
      resolve: async (_root, { projectId, filter, ...page }, ctx, info) => {
        const scope = await scopeOf(ctx, projectId);
        if (!scope || !ctx.actor) return null;
        const where = await auditWhere(ctx.core, ctx.actor, (filter ?? {}) as AuditFilter);
        return visiblePage(ctx, info, page, {
          model: "AuditEntry",
          sort: "at",
          where: { AND: [scope, where] },
        }) as never;
      },
    },
    { name: "AuditEntryConnection", description: "A page of the audit log." },
    { name: "AuditEntryEdge" },
  ),
);
