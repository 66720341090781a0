const NOUNS: Readonly<Record<string, string>> = {
  agent_execution_events: "agent_execution",
};

/** The word of a mutation in the audit log: `createProject` is project.create. */
export function actionOf(mutation: string): string {
  const [verb = "", ...words] = mutation.match(/^[a-z]+|[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]*/g) ?? [];
  const noun = words.join("_").toLowerCase();
  return `${NOUNS[noun] ?? noun}.${verb}`;
}
