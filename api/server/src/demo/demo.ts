import { setTimeout as delay } from "node:timers/promises";
import { type Context, encodeId, SYSTEM } from "@shiplog/core";
import { createApiKey } from "@shiplog/core/account";
import { createIntegration, createProject, linkWorkspace, webhookUrl } from "@shiplog/core/project";
import { executeRaw, sql } from "@shiplog/db";
import { type Env, ROOT } from "../env.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { playAgent } from "./agent.ts";
import { createDemoClient, type DemoKeys } from "./client.ts";
import { type Pace, playPipelines } from "./story.ts";

/** True for the one start that is to make the demo; a demo that was removed does not come back. */
async function claim(ctx: Context): Promise<boolean> {
  const set = sql`UPDATE instance SET demo_seeded = true WHERE id = 1 AND NOT demo_seeded`;
  return (await executeRaw(ctx.db, set)) === 1;
}

async function createDemoProject(ctx: Context, baseUrl: string): Promise<DemoKeys> {
  const owner = await ctx.db.user.findFirst({ where: { isAdmin: true }, orderBy: { createdAt: "asc" } });
  const project = await createProject(
    ctx,
    SYSTEM,
    {
      name: "Demo",
      slug: "demo",
      description:
        "A recorded story, played through the real webhooks and the real API. Remove it in its settings.",
      repositoryUrl: "https://github.com/harbor-demo/harbor",
      techStack: ["TypeScript", "PostgreSQL"],
    },
    { isDemo: true, ownerId: owner?.id },
  );
  const projectId = project.id;
  await linkWorkspace(ctx, SYSTEM, { projectId, path: ROOT });
  const { integration, secret } = await createIntegration(ctx, SYSTEM, {
    projectId,
    provider: "github",
    name: "GitHub",
  });
  const scopes = ["agent:write", "activity:write"];
  const key = await createApiKey(ctx, SYSTEM, { projectId, name: "Demo agent", scopes });
  return {
    baseUrl,
    webhookPath: new URL(webhookUrl(ctx.settings, integration)).pathname,
    webhookSecret: secret,
    apiKey: key.secret,
    projectId: encodeId("Project", projectId),
  };
}

/**
 * Makes the Demo project on the first start and plays its story through the public routes: pipelines by signed
 * webhooks, an external agent by API key, and `analyze` on this checkout. Goes on in the background; ends with
 * the process, or when the project is removed meanwhile.
 */
export function startDemo(env: Env, ctx: Context, baseUrl: string, lifecycle: Lifecycle): void {
  const stop = new AbortController();
  lifecycle.onStop("demo", () => stop.abort());
  const pace: Pace = {
    now: () => new Date(),
    pause: (ms) => delay(ms / env.demoSpeed, undefined, { signal: stop.signal }),
  };
  const play = async (): Promise<void> => {
    if (!(await claim(ctx))) return;
    const keys = await createDemoProject(ctx, baseUrl);
    const client = createDemoClient(keys);
    await client.post("/api/v1/agents/analyze", { projectId: keys.projectId, path: ROOT });
    await Promise.all([playPipelines(client, pace), playAgent(client, pace)]);
  };
  play().catch((error: Error) => {
    if (!stop.signal.aborted) ctx.log.info({ error }, "the demo ended early");
  });
}
