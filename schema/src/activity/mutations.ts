import { recordAIActivity } from "@shiplog/core/activity";
import { builder } from "../builder.ts";
import { AIActivityCategory } from "../shared/enums.ts";
import { uuidOf } from "../shared/ids.ts";
import { mutation } from "../shared/mutation.ts";
import { TokenUsageInput, usageOf } from "../shared/usage.ts";
import { visibleExactly } from "../shared/visible.ts";
import { AIActivity } from "./type.ts";

const CodeChangeInput = builder.inputType("CodeChangeInput", {
  description: "A file that was changed.",
  fields: (t) => ({
    path: t.string({ required: true, description: "In the repository." }),
    diff: t.string({ description: "Unified diff, at most 500,000 characters; null = not sent." }),
    added: t.int({ description: "Lines added; counted in the diff when absent." }),
    removed: t.int({ description: "Lines removed; counted in the diff when absent." }),
  }),
});

mutation("recordAIActivity", {
  description:
    "Records one use of an AI tool; it is priced by its model and tokens. For developers, and keys with activity:write. A repeated idempotencyKey answers the first.",
  key: "activity.write",
  input: (t) => ({
    projectId: t.id({ required: true, description: "The project." }),
    tool: t.string({
      required: true,
      description: "chatgpt, claude, copilot, cursor, codex, gemini or other.",
    }),
    category: t.field({ type: AIActivityCategory, description: "What it was for; OTHER when not said." }),
    prompt: t.string({ description: "What was asked, at most 1,000,000 characters." }),
    response: t.string({ description: "What was answered, at most 1,000,000 characters." }),
    codeChanges: t.field({
      type: [CodeChangeInput],
      description: "The files it changed, at most 500; 4,000,000 characters of diffs.",
    }),
    decision: t.string({ description: "What the person made of it, e.g. accepted." }),
    model: t.string({ description: "The model as its provider names it; without it there is no price." }),
    usage: t.field({ type: TokenUsageInput, description: "Its tokens." }),
    sessionId: t.string({ description: "The tool's own id of the conversation." }),
    commitSha: t.string({ description: "Full hash of the commit that came of it." }),
    occurredAt: t.field({
      type: "DateTime",
      description: "When it happened, for the price of that day; null = now.",
    }),
    idempotencyKey: t.string({ description: "Unique per project; makes a repeat harmless." }),
  }),
  resolve: async (ctx, actor, { projectId, usage, ...input }) => {
    const activity = await recordAIActivity(ctx, actor, {
      ...input,
      projectId: uuidOf("Project", projectId),
      usage: usage && usageOf(usage),
    });
    return { id: activity.id };
  },
  payload: (t) => ({
    activity: t.loadable({
      type: AIActivity,
      description: "The activity, or the first of that idempotencyKey.",
      ...visibleExactly("AIActivity"),
      resolve: (payload) => payload.id,
    }),
  }),
});
