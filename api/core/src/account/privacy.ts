import type { Context } from "../context.ts";

/** Whether a project keeps names, counts and times only: no prompt, response, diff or raw payload. One statement. */
export async function keepsMetadataOnly(ctx: Context, projectId: string): Promise<boolean> {
  const row = await ctx.db.projectRetention.findUnique({
    where: { projectId },
    select: { privacyMode: true },
  });
  return row?.privacyMode === "metadata";
}
