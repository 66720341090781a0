import type { RepositoryEvent } from "@shiplog/core/pipeline";
import { z } from "zod";
import { id, latest, line, time, told, url } from "./fields.ts";

/** The top-level `repository` of every modelled event. */
export const repository = z.object({
  id,
  full_name: line,
  html_url: url,
  default_branch: line,
  updated_at: time,
  pushed_at: time,
});

/** A renamed repository keeps its id; the newest payload names it. */
export function repositoryEvent(repo: z.output<typeof repository>): RepositoryEvent {
  return {
    entity: "repository",
    externalId: repo.id,
    rank: 0,
    time: latest(repo.updated_at, repo.pushed_at),
    fields: told({ fullName: repo.full_name, url: repo.html_url, defaultBranch: repo.default_branch }),
  };
}
