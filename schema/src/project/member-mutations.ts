import { ConflictError, decodeId, encodeId, NotFoundError } from "@shiplog/core";
import {
  addProjectMember,
  type MemberKey,
  removeProjectMember,
  updateProjectMember,
} from "@shiplog/core/project";
import { uuidOf } from "../shared/ids.ts";
import { mutation, type Payload } from "../shared/mutation.ts";
import { visibleExactly } from "../shared/visible.ts";
import { ProjectMember } from "./type.ts";

function memberKey(id: string): MemberKey {
  const decoded = decodeId(id);
  const [projectId, userId] = decoded?.uuids ?? [];
  if (decoded?.type !== "ProjectMember" || !projectId || !userId) throw new NotFoundError("member");
  return { projectId, userId };
}

function memberField(t: Payload<MemberKey>, description: string) {
  return t.loadable({
    type: ProjectMember,
    description,
    ...visibleExactly<MemberKey>("ProjectMember"),
    resolve: ({ projectId, userId }) => `${projectId}:${userId}`,
  });
}

const ROLE = "viewer, developer, maintainer or owner.";

mutation("addProjectMember", {
  description:
    "Makes somebody who has an account a member. For owners; an administrator may add himself anywhere.",
  errors: [ConflictError],
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    email: t.string({ required: true, description: "The address the person signs in with." }),
    role: t.string({ required: true, description: ROLE }),
  }),
  resolve: async (ctx, actor, { projectId, ...input }) => {
    const { userId, ...member } = await addProjectMember(ctx, actor, {
      ...input,
      projectId: uuidOf("Project", projectId),
    });
    return { projectId: member.projectId, userId };
  },
  payload: (t) => ({ member: memberField(t, "The new member.") }),
});

mutation("updateProjectMember", {
  description: "Changes a member's role. For owners; the last owner cannot step down.",
  errors: [ConflictError],
  input: (t) => ({
    id: t.id({ required: true, description: "The membership." }),
    role: t.string({ required: true, description: ROLE }),
  }),
  resolve: async (ctx, actor, { id, role }) => {
    const { projectId, userId } = await updateProjectMember(ctx, actor, { ...memberKey(id), role });
    return { projectId, userId };
  },
  payload: (t) => ({ member: memberField(t, "The member with the new role.") }),
});

mutation("removeProjectMember", {
  description:
    "Ends a membership; the person's open streams on the project end within a second. For owners, and for the member himself; the last owner cannot go.",
  errors: [ConflictError],
  never: ["InvalidInputError"],
  input: (t) => ({ id: t.id({ required: true, description: "The membership." }) }),
  resolve: async (ctx, actor, { id }) => {
    const key = memberKey(id);
    await removeProjectMember(ctx, actor, key);
    return key;
  },
  payload: (t) => ({
    removedId: t.id({
      description: "The id it had.",
      resolve: ({ projectId, userId }) => encodeId("ProjectMember", projectId, userId),
    }),
  }),
});
