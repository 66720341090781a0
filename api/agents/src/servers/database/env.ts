import process from "node:process";
import { z } from "zod";

/** The whole environment of this process; the worker sets it, no tool argument reaches it. */
const environment = z.object({
  SHIPLOG_DATABASE_URL: z.string().min(1),
  SHIPLOG_PROJECT_ID: z.uuid(),
});

export interface DatabaseEnv {
  readonly url: string;
  readonly projectId: string;
}

export function readEnv(): DatabaseEnv {
  // biome-ignore lint/style/noProcessEnv: this is the environment module of its process
  const { SHIPLOG_DATABASE_URL: url, SHIPLOG_PROJECT_ID: projectId } = environment.parse(process.env);
  return { url, projectId };
}
