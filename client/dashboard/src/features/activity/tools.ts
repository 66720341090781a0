/** The AI tools that activity is recorded of, as they call themselves. */
export const TOOLS: Readonly<Record<string, string>> = {
  claude: "Claude",
  codex: "Codex",
  copilot: "Copilot",
  cursor: "Cursor",
  gemini: "Gemini",
  chatgpt: "ChatGPT",
  other: "Other",
};

export function toolName(tool: string): string {
  return TOOLS[tool] ?? tool;
}
