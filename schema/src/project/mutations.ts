import { ConflictError, encodeId } from "@shiplog/core";
import {
  createProject,
  deleteProject,
  linkWorkspace,
  unlinkWorkspace,
  updateProject,
} from "@shiplog/core/project";
import { ProjectStatus } from "../shared/enums.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation, type Payload } from "../shared/mutation.ts";
import { visibleExactly, visibleOne } from "../shared/visible.ts";
import { Project } from "./type.ts";

function projectField(t: Payload<{ id: string }>, description: string) {
  return t.loadable({
    type: Project,
    description,
    ...visibleExactly("Project"),
    resolve: (payload) => payload.id,
  });
}

mutation("createProject", {
  description: "Creates a project; the caller becomes its owner. Any person may.",
  errors: [ConflictError],
  never: ["NotFoundError"],
  input: (t) => ({
    name: t.string({ required: true, description: "What people call it; 1 to 120 characters." }),
    slug: t.string({
      description:
        "Its name in URLs: lower-case words joined by hyphens, unique; made from the name when not given.",
    }),
    description: t.string({ description: "What it is, in a few words." }),
    repositoryUrl: t.string({ description: "The main repository's page, http or https." }),
    techStack: t.stringList({ description: "Languages and frameworks, at most 50." }),
  }),
  resolve: async (ctx, actor, input) => ({ id: (await createProject(ctx, actor, input)).id }),
  payload: (t) => ({ project: projectField(t, "The new project.") }),
});

mutation("updateProject", {
  description: "Changes a project's description. For maintainers. What is absent stays.",
  input: (t) => ({
    id: t.id({ required: true, description: "The project." }),
    name: t.string({ description: "Its new name." }),
    description: t.string({ description: "Its new description." }),
    repositoryUrl: t.string({ description: "Its main repository; null removes it." }),
    techStack: t.stringList({ description: "Its languages and frameworks, all of them." }),
    status: t.field({ type: ProjectStatus, description: "In use or archived." }),
  }),
  resolve: async (ctx, actor, input) => ({
    id: (await updateProject(ctx, actor, { ...input, id: uuidOf("Project", input.id) })).id,
  }),
  payload: (t) => ({ project: projectField(t, "The project as it is now.") }),
});

mutation("deleteProject", {
  description:
    "Deletes a project with all that belongs to it, for good; its open streams end. For owners. This is also how the demo goes.",
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The project." }) }),
  resolve: async (ctx, actor, { id }) => ({
    id: await deleteProject(ctx, actor, { id: uuidOf("Project", id) }),
  }),
  payload: (t) => ({
    deletedId: t.id({ description: "The id it had.", resolve: ({ id }) => encodeId("Project", id) }),
  }),
});

function workspaceProject(t: Payload<{ id: string }>) {
  return t.loadable({
    type: Project,
    nullable: true,
    description: "The project; null when the administrator is no member of it.",
    ...visibleOne("Project"),
    resolve: (payload) => payload.id,
  });
}

mutation("linkWorkspace", {
  description:
    "Lets runs of a project read a folder of the server. For administrators; linking twice is no error.",
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    path: t.string({ required: true, description: "A folder in one of the installation's workspaces." }),
  }),
  resolve: async (ctx, actor, { projectId, path }) => {
    const id = uuidOf("Project", projectId);
    await linkWorkspace(ctx, actor, { projectId: id, path });
    return { id };
  },
  payload: (t) => ({ project: workspaceProject(t) }),
});

mutation("unlinkWorkspace", {
  description: "Takes a folder away from a project; runs that have started go on. For administrators.",
  never: ["InvalidInputError"],
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    path: t.string({ required: true, description: "The folder, as `workspaces` shows it." }),
  }),
  resolve: async (ctx, actor, { projectId, path }) => {
    const id = uuidOf("Project", projectId);
    await unlinkWorkspace(ctx, actor, { projectId: id, path });
    return { id };
  },
  payload: (t) => ({ project: workspaceProject(t) }),
});
