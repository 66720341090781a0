/** The AI tools that activity is recorded of. */
export const TOOLS: readonly string[] = [
  "claude",
  "codex",
  "copilot",
  "cursor",
  "gemini",
  "chatgpt",
  "other",
];
