export { lastOwnerError, slugTakenError } from "./errors.ts";
export type { CreateProjectInput, UpdateProjectInput } from "./input.ts";
export * from "./intake/index.ts";
export { addProjectMember, type MemberKey, removeProjectMember, updateProjectMember } from "./members.ts";
export { createProject, deleteProject, type ProjectOrigin, updateProject } from "./operations.ts";
export * from "./retention/index.ts";
export {
  deliveryVisibility,
  integrationVisibility,
  memberVisibility,
  projectVisibility,
  repositoryVisibility,
} from "./visibility.ts";
export {
  linkWorkspace,
  listWorkspaces,
  resolveWorkspace,
  unlinkWorkspace,
  type Workspace,
  type WorkspaceInput,
} from "./workspaces.ts";
