import { type Retention as Kept, readRetentions, updateProjectRetention } from "@shiplog/core/project";
import { builder } from "../builder.ts";
import { PrivacyMode } from "../shared/enums.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { Project } from "./type.ts";

const Retention = builder.objectRef<Kept>("Retention").implement({
  description: "How long a project keeps what, in days; null = for good.",
  fields: (t) => ({
    privacyMode: t.expose("privacyMode", { type: PrivacyMode, description: "What is kept at all." }),
    contentDays: t.exposeInt("contentDays", {
      nullable: true,
      description:
        "Prompts, responses, diffs, raw payloads and texts too large for an event; of runs that have ended the task, the input, the result and the steps. Null = for good.",
    }),
    eventDays: t.exposeInt("eventDays", {
      nullable: true,
      description: "Events of runs and pipelines that have ended, and of the project; null = for good.",
    }),
    deliveryDays: t.exposeInt("deliveryDays", {
      nullable: true,
      description: "Webhook deliveries; 90 unless changed, null = for good.",
    }),
    auditDays: t.exposeInt("auditDays", {
      nullable: true,
      description: "Entries of the audit log; 365 unless changed, null = for good.",
    }),
  }),
});

builder.prismaObjectFields(Project, (t) => ({
  retention: t.loadable({
    type: Retention,
    description: "How long the project keeps what. One statement for all projects of a list.",
    loaderOptions: { cache: false },
    load: (ids: string[], { core }) => readRetentions(core, ids),
    resolve: (project) => project.id,
  }),
}));

mutation("updateProjectRetention", {
  description:
    "Changes how long a project keeps what. For owners. What is absent stays, null = for good; a job acts on it within an hour.",
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    privacyMode: t.field({ type: PrivacyMode, description: "What is kept at all, from now on." }),
    contentDays: t.int({
      description: "Prompts, responses, diffs, raw payloads, tasks and results of runs: 1 to 3650 days.",
    }),
    eventDays: t.int({ description: "Events of what has ended: 1 to 3650 days." }),
    deliveryDays: t.int({
      description: "Deliveries: 90 to 3650 days, for one that is forgotten could be replayed.",
    }),
    auditDays: t.int({ description: "Entries of the audit log: 30 to 3650 days." }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const id = uuidOf("Project", projectId);
    return updateProjectRetention(ctx, actor, { ...input, projectId: id });
  },
  payload: (t) => ({
    retention: t.field({
      type: Retention,
      description: "As it is now.",
      resolve: (retention) => retention,
    }),
  }),
});
