import type { AgentStepIO, Json } from "@shiplog/core";
import { ask, toJson } from "./ask.ts";
import { hasLocks, lockFor, readDependencies } from "./dependencies.ts";
import type { Found, ManifestFact, ManifestFacts, TreeFacts } from "./facts.ts";
import { count, list } from "./words.ts";
import { readWorkflow } from "./workflows.ts";

/** Those nearest the root are read; a repository of hundreds of packages is judged by its first ones. */
const MANIFESTS_READ = 60;
const WORKFLOWS_READ = 20;
const PER_CALL = 40;

interface ReadFile {
  path: string;
  text: string | null;
  cut: boolean;
}

function depth(path: string): number {
  return path.split("/").length;
}

async function readAll(io: AgentStepIO, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (let at = 0; at < paths.length; ) {
    const batch = paths.slice(at, at + PER_CALL);
    const read = await ask<{ files: ReadFile[]; next: number | null }>(io, "filesystem", "read_files", {
      paths: batch,
    });
    if (!read.available) break;
    for (const { path, text } of read.files) if (text !== null) texts.set(path, text);
    at += read.next ?? batch.length;
  }
  return texts;
}

function manifestFact(path: string, text: string, locks: readonly string[]): ManifestFact | null {
  const dependencies = readDependencies(path, text);
  if (!dependencies) return null;
  const { ecosystem, name, runtime, development, floating } = dependencies;
  const lockFile = lockFor(path, ecosystem, locks);
  const needsLock = hasLocks(ecosystem) && floating && runtime + development > 0;
  return { path, ecosystem, name, runtime, development, lockFile, needsLock };
}

export async function readManifests(io: AgentStepIO): Promise<Json> {
  const tree = io.outputs.tree as unknown as Found<TreeFacts>;
  if (!tree.available) return toJson({ available: false, reason: tree.reason });
  const { manifest, lock, ci, container } = tree.notable;
  const manifests = [...manifest].sort((a, b) => depth(a) - depth(b)).slice(0, MANIFESTS_READ);
  const workflows = ci.slice(0, WORKFLOWS_READ);
  const texts = await readAll(io, [...manifests, ...workflows]);
  const facts: ManifestFacts = {
    manifests: manifests
      .map((path) => manifestFact(path, texts.get(path) ?? "", lock))
      .filter((fact) => fact !== null),
    manifestCount: manifest.length,
    lockFiles: lock,
    workflows: workflows.map((path) => readWorkflow(path, texts.get(path) ?? "")),
    containers: container,
  };
  await io.message("assistant", sentence(facts));
  return toJson({ available: true, ...facts });
}

function sentence({ manifests, manifestCount, lockFiles, workflows }: ManifestFacts): string {
  if (manifestCount === 0 && workflows.length === 0) return "Found no manifests and no CI definitions.";
  const ecosystems = [...new Set(manifests.map((manifest) => manifest.ecosystem))];
  const providers = [...new Set(workflows.map((workflow) => workflow.provider))];
  const kinds = ecosystems.length === 0 ? "" : ` (${list(ecosystems)})`;
  const runs = providers.length === 0 ? "no CI definitions" : `CI by ${list(providers)}`;
  return `Found ${count(manifestCount, "manifest")}${kinds}, ${count(lockFiles.length, "lock file")} and ${runs}.`;
}
