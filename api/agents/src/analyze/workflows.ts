import type { WorkflowFact } from "./facts.ts";

const KEPT = 30;
const COMMIT_REF = /^[0-9a-f]{40}$/u;
/** Actions of the host itself; a moved tag there is no third party. */
const HOSTS_OWN = /^(actions|github)\//u;

function providerOf(path: string): string {
  const lower = path.toLowerCase();
  if (lower.startsWith(".github/workflows/")) return "GitHub Actions";
  if (lower.startsWith(".circleci/")) return "CircleCI";
  if (lower.startsWith(".buildkite/")) return "Buildkite";
  if (lower.startsWith(".ci/")) return "script";
  const name = lower.slice(lower.lastIndexOf("/") + 1);
  if (name === ".gitlab-ci.yml") return "GitLab CI";
  if (name === "jenkinsfile") return "Jenkins";
  if (name === "azure-pipelines.yml") return "Azure Pipelines";
  if (name === "bitbucket-pipelines.yml") return "Bitbucket Pipelines";
  return name.replace(/^\./u, "").replace(/\.ya?ml$/u, "");
}

/** The keys one level below a top-level key. YAML is read by its indentation, which is all this needs. */
function keysBelow(text: string, parent: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^["']?${parent}["']?:`, "u").test(line));
  if (start < 0) return [];
  const inline = /:\s*(?:\[([^\]]*)\]|([\w-]+))\s*$/u.exec(lines[start] as string);
  if (inline)
    return (inline[1] ?? inline[2] ?? "")
      .split(",")
      .map((key) => key.trim())
      .filter(Boolean);
  const keys: string[] = [];
  let indent: number | null = null;
  for (const line of lines.slice(start + 1)) {
    if (/^\s*(#|$)/u.test(line)) continue;
    const depth = line.length - line.trimStart().length;
    if (depth === 0) break;
    indent ??= depth;
    const key = /^\s*(?:-\s*)?["']?([\w.-]+)["']?:?/u.exec(line)?.[1];
    if (depth === indent && key !== undefined) keys.push(key.slice(0, 100));
  }
  return keys.slice(0, KEPT);
}

function movableActions(text: string): string[] {
  const used = [...text.matchAll(/^\s*(?:-\s*)?uses:\s*["']?([\w.-]+\/[\w./-]+)@([^\s"'#]+)/gmu)];
  const movable = used
    .filter(([, action, ref]) => !HOSTS_OWN.test(action as string) && !COMMIT_REF.test(ref as string))
    .map(([, action, ref]) => `${action}@${ref}`.slice(0, 200));
  return [...new Set(movable)].slice(0, KEPT);
}

/** What a CI definition says of itself. Only GitHub's format is read; of the others it is known that they are. */
export function readWorkflow(path: string, text: string): WorkflowFact {
  const provider = providerOf(path);
  const isGitHub = provider === "GitHub Actions";
  return {
    path,
    provider,
    name: /^name:\s*["']?([^"'\n#]{1,200}?)["']?\s*$/mu.exec(text)?.[1] ?? null,
    jobs: isGitHub ? keysBelow(text, "jobs") : [],
    triggers: isGitHub ? keysBelow(text, "on") : [],
    movable: isGitHub ? movableActions(text) : [],
  };
}
