import { createContext, useContext } from "solid-js";
import { graphql } from "../api/graphql.ts";
import type { ViewerQuery } from "../gql/graphql.ts";

export const ViewerDocument = graphql(`
  query Viewer {
    viewer {
      isAdmin
      user {
        id
        name
        email
      }
      projects {
        id
        slug
        name
        isDemo
        status
        viewerRole
      }
    }
  }
`);

export const AddressedProjectDocument = graphql(`
  query AddressedProject($slug: String!) {
    project(slug: $slug) {
      id
      slug
      name
      isDemo
      status
      viewerRole
    }
  }
`);

export type Viewer = NonNullable<ViewerQuery["viewer"]>;
export type ViewerProject = Viewer["projects"][number];

export interface Session {
  readonly viewer: () => Viewer;
  /** The project that the address names, or the last one that was open; null without any. */
  readonly project: () => ViewerProject | null;
  /** A detail page tells which project its object belongs to. */
  setProject(slug: string): void;
  /** After projects were added, removed or renamed. */
  reload(): void;
}

export const SessionContext = createContext<Session>();

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("Used outside of the signed-in shell.");
  return session;
}

const RANK: Record<string, number> = { viewer: 0, developer: 1, maintainer: 2, owner: 3 };

/** Whether the viewer's role in that project is at least this one. */
export function hasRole(project: { viewerRole?: string | null } | null, least: string): boolean {
  return (RANK[project?.viewerRole ?? ""] ?? -1) >= (RANK[least] ?? 9);
}
