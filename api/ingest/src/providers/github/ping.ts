import type { NormalizedEvent } from "@shiplog/core/pipeline";
import { z } from "zod";
import { maybe, read } from "./fields.ts";
import { repository, repositoryEvent } from "./repository.ts";

const schema = z.object({ repository: maybe(repository) });

/** GitHub greets a new webhook; one of an organization names no repository. */
export function ping(payload: unknown): NormalizedEvent[] {
  const { repository: repo } = read(schema, payload);
  return repo ? [repositoryEvent(repo)] : [];
}
