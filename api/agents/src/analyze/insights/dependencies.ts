import { lockKind } from "../dependencies.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { code, count, list } from "../words.ts";
import { EVIDENCE_KEPT, type Rule } from "./insight.ts";

const missingLock: Rule = ({ manifests }) => {
  if (!manifests.available) return null;
  const open = manifests.manifests.filter((manifest) => manifest.needsLock && manifest.lockFile === null);
  if (open.length === 0) return null;
  return {
    rule: "missing_lock_file",
    title: "Dependencies without a lock file",
    severity: "warning",
    text: `${list(open.map((manifest) => code(manifest.path)))}: two installs of the same commit can differ, and an audit does not know what runs.`,
    evidence: open.slice(0, EVIDENCE_KEPT).map((manifest) => ({
      kind: "manifest",
      ref: manifest.path,
      value: { ecosystem: manifest.ecosystem, dependencies: manifest.runtime + manifest.development },
    })),
  };
};

const twoLocks: Rule = ({ manifests }) => {
  if (!manifests.available) return null;
  const byPlace = new Map<string, string[]>();
  for (const path of manifests.lockFiles) {
    const place = `${path.slice(0, Math.max(path.lastIndexOf("/"), 0))}|${lockKind(path)}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), path]);
  }
  const doubled = [...byPlace.values()].filter((paths) => paths.length > 1).flat();
  if (doubled.length === 0) return null;
  return {
    rule: "two_lock_files",
    title: "Two package managers in one folder",
    severity: "notice",
    text: `${list(doubled.map(code))} fix the same dependencies; one of them is out of date sooner or later.`,
    evidence: doubled
      .slice(0, EVIDENCE_KEPT)
      .map((path) => ({ kind: "manifest", ref: path, value: "lock file" })),
  };
};

const missingCi: Rule = ({ manifests, tree, reports }) => {
  if (!manifests.available || !tree.available || manifests.workflows.length > 0) return null;
  if (tree.source.files + tree.tests.files < THRESHOLDS.minSourceFiles) return null;
  const runs = reports.pipelines.available && reports.pipelines.pipelines.length > 0;
  return {
    rule: "missing_ci",
    title: runs ? "Pipelines run, but their definition is not here" : "No continuous integration",
    severity: runs ? "info" : "warning",
    text: runs
      ? "Runs are recorded for this project, while the folder holds no CI definition: it lives elsewhere."
      : "The folder holds no CI definition of a known kind, so nothing checks a change before it is merged.",
    evidence: [{ kind: "folder", ref: ".", value: { sourceFiles: tree.source.files, workflows: 0 } }],
  };
};

const movableActions: Rule = ({ manifests }) => {
  if (!manifests.available) return null;
  const open = manifests.workflows.filter((workflow) => workflow.movable.length > 0);
  if (open.length === 0) return null;
  const actions = [...new Set(open.flatMap((workflow) => workflow.movable))];
  return {
    rule: "movable_actions",
    title: `${count(actions.length, "third-party action")} not fixed to a commit`,
    severity: "notice",
    text: `${list(actions.map(code))}: whoever moves that tag runs code in the pipeline, with its secrets.`,
    evidence: open.slice(0, EVIDENCE_KEPT).map((workflow) => ({
      kind: "workflow",
      ref: workflow.path,
      value: workflow.movable,
    })),
  };
};

export const dependencyRules: readonly Rule[] = [missingLock, twoLocks, missingCi, movableActions];
