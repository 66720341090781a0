import type { TreeFacts } from "../facts.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { code, count, list, percent } from "../words.ts";
import { EVIDENCE_KEPT, type Insight, type Rule } from "./insight.ts";

function project(tree: TreeFacts): boolean {
  return tree.source.files + tree.tests.files >= THRESHOLDS.minSourceFiles;
}

const emptyFolder: Rule = ({ tree }) => {
  if (!tree.available || tree.files > 0) return null;
  return {
    rule: "empty_folder",
    title: "The folder is empty",
    severity: "info",
    text: "There is no file to judge yet. Once there is code, a run tells about its languages, tests, hot spots and dependencies.",
    evidence: [{ kind: "folder", ref: ".", value: { files: 0, protected: tree.passed.protected } }],
  };
};

const unreadable: Rule = ({ tree }) => {
  if (tree.available) return null;
  return {
    rule: "unreadable_folder",
    title: "The files were not read",
    severity: "info",
    text: "Everything below rests on recorded data alone.",
    evidence: [{ kind: "folder", ref: ".", value: tree.reason }],
  };
};

function testEvidence(tree: TreeFacts): Insight["evidence"] {
  const { source, tests } = tree;
  const value = {
    testFiles: tests.files,
    testLines: tests.lines,
    sourceFiles: source.files,
    sourceLines: source.lines,
  };
  return [{ kind: "folder", ref: ".", value }];
}

const noTests: Rule = ({ tree }) => {
  if (!tree.available || !project(tree) || tree.tests.files > 0) return null;
  return {
    rule: "no_tests",
    title: "There are no tests",
    severity: "warning",
    text: `None of ${count(tree.source.files, "source file")} is named or placed like a test, so nothing shows that a change keeps what worked.`,
    evidence: testEvidence(tree),
  };
};

const testRatio: Rule = ({ tree }) => {
  if (!tree.available || !project(tree) || tree.tests.files === 0 || tree.source.lines === 0) return null;
  const ratio = tree.tests.lines / tree.source.lines;
  const lines = `${count(tree.tests.lines, "line")} of tests stand for ${count(tree.source.lines, "line")} of source (${percent(ratio)})`;
  if (ratio < THRESHOLDS.tests.low) {
    const text = `${lines}. Below ${percent(THRESHOLDS.tests.low)}, whole areas are usually without any.`;
    return {
      rule: "few_tests",
      title: "Few tests for the amount of code",
      severity: "notice",
      text,
      evidence: testEvidence(tree),
    };
  }
  if (ratio < THRESHOLDS.tests.high) return null;
  return {
    rule: "many_tests",
    title: "Tests weigh about as much as the code",
    severity: "info",
    text: `${lines}.`,
    evidence: testEvidence(tree),
  };
};

const longFiles: Rule = ({ tree }) => {
  if (!tree.available) return null;
  const long = tree.largest.filter((file) => !file.test && file.lines > THRESHOLDS.longFileLines);
  if (long.length === 0) return null;
  const names = long.map((file) => `${code(file.path)} (${count(file.lines, "line")})`);
  return {
    rule: "long_files",
    title: `${count(long.length, "source file")} over ${count(THRESHOLDS.longFileLines, "line")}`,
    severity: "notice",
    text: `${list(names)}. Files of that size are hard to review and invite conflicts.`,
    evidence: long.slice(0, EVIDENCE_KEPT).map((file) => ({
      kind: "file",
      ref: file.path,
      value: { lines: file.lines, bytes: file.bytes },
    })),
  };
};

const documents: Rule = ({ tree }) => {
  if (!tree.available || !project(tree)) return null;
  const names = tree.notable.document.filter((path) => !path.includes("/")).map((path) => path.toLowerCase());
  const missing = [
    ...(names.some((name) => name.startsWith("readme")) ? [] : ["README"]),
    ...(names.some((name) => /^(licen[cs]e|copying)/u.test(name)) ? [] : ["licence"]),
  ];
  if (missing.length === 0) return null;
  return {
    rule: "missing_documents",
    title: `No ${missing.join(" and no ")}`,
    severity: "info",
    text: "A newcomer looks there first: how to run it, and whether it may be used.",
    evidence: [{ kind: "folder", ref: ".", value: { missing, found: names.slice(0, EVIDENCE_KEPT) } }],
  };
};

const partlyRead: Rule = ({ tree }) => {
  if (!tree.available || tree.truncated === null) return null;
  return {
    rule: "partly_read",
    title: "The folder was read in part",
    severity: "notice",
    text: `A limit (${tree.truncated}) ended the reading after ${count(tree.files, "file")}; counts and shares are of that part.`,
    evidence: [{ kind: "folder", ref: ".", value: { limit: tree.truncated, files: tree.files } }],
  };
};

export const codeRules: readonly Rule[] = [
  emptyFolder,
  unreadable,
  noTests,
  testRatio,
  longFiles,
  documents,
  partlyRead,
];
