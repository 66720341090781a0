import { encodeId, type IdType } from "@shiplog/core";
import { permittedProjectIds } from "@shiplog/core/account";
import { ApiKey, User } from "../account/type.ts";
import { builder } from "../builder.ts";
import { Project } from "../project/type.ts";
import { AuditOutcome } from "../shared/enums.ts";
import { visibleOne } from "../shared/visible.ts";

interface Told {
  readonly projectId: string | null;
  readonly details: unknown;
}

export const AuditEntry = builder.prismaObject("AuditEntry", {
  select: {
    id: true,
    projectId: true,
    userId: true,
    sessionId: true,
    apiKeyId: true,
    targetType: true,
    targetId: true,
    details: true,
  },
  description:
    "One attempt to change something. Entries are never changed; retention removes them, after 30 days at the least.",
  fields: (t) => ({
    id: t.id({
      description: "Names the entry.",
      resolve: ({ id }) => encodeId("AuditEntry", id),
    }),
    at: t.expose("at", { type: "DateTime", description: "When it was attempted." }),
    action: t.exposeString("action", {
      description: "The thing and what was done to it, e.g. project.create.",
    }),
    outcome: t.expose("outcome", { type: AuditOutcome, description: "How it ended." }),
    actorType: t.exposeString("actorType", {
      description:
        "user, key, integration (a provider that signs its deliveries), system (the program itself) or anonymous.",
    }),
    project: t.loadable({
      type: Project,
      nullable: true,
      description:
        "The project it is about; null when it is about the installation, or the viewer is no member.",
      ...visibleOne("Project"),
      resolve: ({ projectId }) => projectId,
    }),
    projectId: t.id({
      nullable: true,
      description: "The project's id, of one that is gone as well; null: about the installation.",
      resolve: ({ projectId }) => projectId && encodeId("Project", projectId),
    }),
    targetType: t.exposeString("targetType", {
      nullable: true,
      description: "What kind of thing it was done to, e.g. ApiKey; null when the attempt found none.",
    }),
    targetId: t.id({
      nullable: true,
      description: "The thing's id; it may be gone. Null as `targetType`.",
      resolve: ({ targetType, targetId }) =>
        targetType && targetId ? encodeId(targetType as IdType, ...targetId.split(":")) : null,
    }),
    details: t.loadable({
      type: "JSON",
      nullable: true,
      description:
        "What else there is to know, e.g. the role given, or the error's code. Null when there is nothing, and for an administrator who is no owner of the project. One statement for all entries of a page.",
      loaderOptions: { cache: false },
      load: async (entries: Told[], ctx) => {
        const mine = new Set(ctx.actor ? await permittedProjectIds(ctx.core, ctx.actor, "audit.read") : []);
        return entries.map(({ projectId, details }) =>
          projectId === null || mine.has(projectId) ? (details ?? null) : null,
        );
      },
      resolve: ({ projectId, details }) => ({ projectId, details }),
    }),
    address: t.exposeString("address", {
      nullable: true,
      description: "The network address it came from; null for what the program did by itself.",
    }),
    userAgent: t.exposeString("userAgent", {
      nullable: true,
      description: "What the caller's program calls itself; null when it does not.",
    }),
    requestId: t.exposeString("requestId", {
      nullable: true,
      description: "Finds the request in the server's log; null as `address`.",
    }),
  }),
});

builder.prismaObjectFields(AuditEntry, (t) => ({
  user: t.loadable({
    type: User,
    nullable: true,
    description: "The person who did it; null when it was none, or one whom the viewer may not see.",
    ...visibleOne("User"),
    resolve: ({ userId }) => userId,
  }),
  userId: t.id({
    nullable: true,
    description: "The person's id, for a stranger as well; null when it was none.",
    resolve: ({ userId }) => userId && encodeId("User", userId),
  }),
  sessionId: t.id({
    nullable: true,
    description: "The person's session; null when it was none.",
    resolve: ({ sessionId }) => sessionId && encodeId("Session", sessionId),
  }),
  apiKey: t.loadable({
    type: ApiKey,
    nullable: true,
    description:
      "The key that did it; null when it was none, or one whose project the viewer does not maintain.",
    ...visibleOne("ApiKey"),
    resolve: ({ apiKeyId }) => apiKeyId,
  }),
  apiKeyId: t.id({
    nullable: true,
    description: "The key's id; null when it was none.",
    resolve: ({ apiKeyId }) => apiKeyId && encodeId("ApiKey", apiKeyId),
  }),
}));
