import { z } from "zod";
import { text } from "../account/index.ts";

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MAX_SLUG = 60;

const slug = z
  .string()
  .min(2)
  .max(MAX_SLUG)
  .regex(SLUG, "must be lower-case letters and digits in words joined by single hyphens");

/** Only http(s): the dashboard makes it a link. */
const repositoryUrl = text(2048)
  .refine((url) => url === "" || isWebUrl(url), "must be an http or https URL")
  .nullish()
  .transform((url) => url || null);

const techStack = z.array(text(50, 1)).max(50);

export const createProjectInput = z.object({
  name: text(120, 1),
  slug: slug.nullish(),
  description: text(2000).nullish(),
  repositoryUrl,
  techStack: techStack.nullish(),
});

export const updateProjectInput = z.object({
  name: text(120, 1).nullish(),
  description: text(2000).nullish(),
  repositoryUrl: repositoryUrl.optional(),
  techStack: techStack.nullish(),
  status: z.enum(["active", "archived"]).nullish(),
});

export interface CreateProjectInput {
  readonly name: string;
  /** The name in URLs; absent: made from the name. */
  readonly slug?: string | null;
  readonly description?: string | null;
  /** The main repository's page; deliveries of others are taken too. */
  readonly repositoryUrl?: string | null;
  readonly techStack?: readonly string[] | null;
}

/** Absent or null leaves a value alone, but for `repositoryUrl`, where null removes it. */
export interface UpdateProjectInput {
  /** UUID. */
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly repositoryUrl?: string | null;
  readonly techStack?: readonly string[] | null;
  readonly status?: "active" | "archived" | null;
}

/** A slug made from a name; empty when the name has no letter or digit of ASCII. */
export function slugify(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, MAX_SLUG - 8)
    .replace(/-+$/, "");
}

function isWebUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
