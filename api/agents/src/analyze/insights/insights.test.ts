import { describe, expect, it } from "vitest";
import { type FactChanges, facts, hotSpot, NOW, pipeline } from "../../testing/facts.ts";
import type { Facts } from "../facts.ts";
import { reportParagraphs } from "../markdown.ts";
import { composeInsights } from "./index.ts";

const DAY_MS = 86_400_000;
const activity = (total: object, previous: object = {}, groups: object[] = []) => {
  const base = { activities: 10, inputTokens: 1, outputTokens: 1, costNanos: null, unpriced: 0 };
  return {
    activity: {
      available: true,
      days: 30,
      total: { ...base, ...total },
      previous: { ...base, ...previous },
      groups: groups.map((group) => ({ tool: "claude", model: "m1", category: "docs", ...base, ...group })),
    },
  } as Partial<Facts["reports"]>;
};
const pipelines = (...all: ReturnType<typeof pipeline>[]) => ({
  pipelines: { available: true as const, pipelines: all },
});
const weeks = (...commits: number[]) => ({
  perWeek: commits.map((count, i) => ({ week: `2026-01-${10 + i}`, commits: count, authors: 1 })),
});
const subjects = (fixes: number, reverts: number, others: number) => ({
  recent: [
    ...Array.from({ length: fixes }, () => "Fix the walk"),
    ...Array.from({ length: reverts }, () => 'Revert "Add the walk"'),
    ...Array.from({ length: others }, () => "Add a prefix"),
  ].map((subject, i) => ({ sha: String(i), at: null, author: "Ada", subject })),
});
const job = (more: object = {}) => ({
  pipeline: "ci",
  job: "e2e",
  runs: 10,
  failed: 0,
  medianSeconds: 300,
  totalSeconds: 3_000,
  share: 0.7,
  ...more,
});

/** Each rule: facts that call for it, and the same kind of facts just short of its threshold. */
const CASES: [rule: string, severity: string, calls: FactChanges, silent: FactChanges][] = [
  ["empty_folder", "info", { tree: { files: 0 } }, { tree: { files: 1 } }],
  [
    "no_tests",
    "warning",
    { tree: { tests: { files: 0, bytes: 0, lines: 0 } } },
    {
      tree: { source: { files: 3, bytes: 1, lines: 1 }, tests: { files: 0, bytes: 0, lines: 0 } },
    },
  ],
  [
    "few_tests",
    "notice",
    { tree: { tests: { files: 1, bytes: 1, lines: 499 } } },
    {
      tree: { tests: { files: 1, bytes: 1, lines: 500 } },
    },
  ],
  [
    "many_tests",
    "info",
    { tree: { tests: { files: 9, bytes: 1, lines: 2_000 } } },
    {
      tree: { tests: { files: 9, bytes: 1, lines: 1_999 } },
    },
  ],
  [
    "long_files",
    "notice",
    { tree: { largest: [{ path: "x.ts", language: "T", lines: 1_001, bytes: 1, test: false }] } },
    {
      tree: { largest: [{ path: "x.ts", language: "T", lines: 1_000, bytes: 1, test: false }] },
    },
  ],
  [
    "missing_documents",
    "info",
    { tree: { notable: { ...facts0().notable, document: ["docs/README.md"] } } },
    {},
  ],
  ["partly_read", "notice", { tree: { truncated: "files" } }, {}],
  [
    "bus_factor",
    "warning",
    { history: { authors: [author("Ada", 48), author("Grace", 12)] } },
    {
      history: { authors: [author("Ada", 47), author("Grace", 13)] },
    },
  ],
  [
    "bus_factor",
    "notice",
    { history: { people: 1, authors: [author("Ada", 60)] } },
    {
      history: { people: 1, commits: 19, authors: [author("Ada", 19)] },
    },
  ],
  [
    "quiet",
    "notice",
    { now: new Date(NOW.getTime() + 30 * DAY_MS) },
    {
      now: new Date(NOW.getTime() + 29 * DAY_MS),
    },
  ],
  ["quiet", "warning", { now: new Date(NOW.getTime() + 180 * DAY_MS) }, {}],
  [
    "weeks_without_commits",
    "info",
    { history: weeks(0, 2, 0, 0, 0, 3) },
    {
      history: weeks(0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0),
    },
  ],
  [
    "pace",
    "info",
    { history: weeks(2, 2, 2, 2, 5, 5, 5, 5, 0) },
    { history: weeks(3, 3, 3, 3, 5, 5, 5, 5, 0) },
  ],
  [
    "pace",
    "notice",
    { history: weeks(5, 5, 5, 5, 2, 2, 2, 2, 9) },
    { history: weeks(1, 1, 1, 1, 0, 0, 1, 0, 9) },
  ],
  ["repair_work", "notice", { history: subjects(8, 0, 12) }, { history: subjects(7, 0, 13) }],
  ["repair_work", "notice", { history: subjects(0, 3, 40) }, { history: subjects(0, 2, 40) }],
  ["part_of_history", "info", { history: { shallow: true } }, {}],
  [
    "untested_hot_spot",
    "warning",
    { hotSpots: [hotSpot({ testFile: null })] },
    {
      hotSpots: [hotSpot({ testFile: null, commits: 3 }), hotSpot({ testFile: null, lines: 79 })],
    },
  ],
  [
    "change_magnet",
    "notice",
    { hotSpots: [hotSpot({ commits: 15 })] },
    { hotSpots: [hotSpot({ commits: 14 })] },
  ],
  [
    "growing_files",
    "notice",
    { hotSpots: [hotSpot({ lines: 500, added: 380 })] },
    {
      hotSpots: [hotSpot({ lines: 500, added: 379 }), hotSpot({ lines: 499, added: 999 })],
    },
  ],
  [
    "knowledge_island",
    "notice",
    { hotSpots: [hotSpot({ authors: 1 })] },
    {
      history: { people: 1 },
      hotSpots: [hotSpot({ authors: 1 })],
    },
  ],
  [
    "missing_lock_file",
    "warning",
    { manifests: { manifests: [manifest({ lockFile: null })] } },
    {
      manifests: { manifests: [manifest({ lockFile: null, needsLock: false })] },
    },
  ],
  [
    "two_lock_files",
    "notice",
    { manifests: { lockFiles: ["a/yarn.lock", "a/package-lock.json"] } },
    {
      manifests: { lockFiles: ["a/yarn.lock", "b/package-lock.json", "a/uv.lock"] },
    },
  ],
  ["missing_ci", "warning", { manifests: { workflows: [] }, reports: pipelines() }, {}],
  ["missing_ci", "info", { manifests: { workflows: [] } }, {}],
  ["movable_actions", "notice", { manifests: { workflows: [workflow(["a/b@v1"])] } }, {}],
  [
    "failing_pipelines",
    "warning",
    { reports: pipelines(pipeline({ passRate: 0.69 })) },
    {
      reports: pipelines(pipeline({ passRate: 0.9 }), pipeline({ passRate: 0, success: 0, failed: 4 })),
    },
  ],
  ["failing_pipelines", "notice", { reports: pipelines(pipeline({ passRate: 0.89 })) }, {}],
  ["red_now", "warning", { reports: pipelines(pipeline({ lastStatus: "failed" })) }, {}],
  [
    "frequent_reruns",
    "notice",
    { reports: pipelines(pipeline({ reruns: 4 })) },
    {
      reports: pipelines(pipeline({ reruns: 3 }), pipeline({ reruns: 2, runs: 4 })),
    },
  ],
  [
    "slow_pipelines",
    "notice",
    { reports: pipelines(pipeline({ medianSeconds: 901 })) },
    {
      reports: pipelines(pipeline({ medianSeconds: 900 }), pipeline({ medianSeconds: 9_000, runs: 4 })),
    },
  ],
  [
    "dominant_job",
    "notice",
    { reports: { jobs: { available: true, jobs: [job(), job()] } } },
    {
      reports: { jobs: { available: true, jobs: [job({ share: 0.49 }), job()] } },
    },
  ],
  ["no_pipelines", "info", { reports: pipelines() }, {}],
  [
    "ai_cost_trend",
    "notice",
    { reports: activity({ costNanos: "1500000000" }, { costNanos: "1000000000" }) },
    {
      reports: activity({ costNanos: "1499000000" }, { costNanos: "1000000000" }),
    },
  ],
  [
    "ai_cost_trend",
    "info",
    { reports: activity({ costNanos: null }, { costNanos: "1000000000" }) },
    {
      reports: activity({ costNanos: "99000000000" }, { costNanos: "999999999" }),
    },
  ],
  [
    "unpriced_models",
    "notice",
    { reports: activity({ unpriced: 2 }, {}, [{ unpriced: 2, model: "new" }]) },
    {},
  ],
  [
    "one_model_costs",
    "info",
    {
      reports: activity({ costNanos: "10000000000" }, {}, [
        { costNanos: "8000000000" },
        { model: "m2", costNanos: "2000000000" },
      ]),
    },
    { reports: activity({ costNanos: "10000000000" }, {}, [{ costNanos: "10000000000" }]) },
  ],
  [
    "failing_agents",
    "warning",
    { reports: { agents: { available: true, agents: [agent(7, 3)] } } },
    {
      reports: { agents: { available: true, agents: [agent(8, 2), agent(0, 4)] } },
    },
  ],
  ["no_ai_activity", "info", { reports: activity({ activities: 0 }) }, {}],
  ["unreadable_records", "notice", { reports: { jobs: { available: false, reason: "locked" } } }, {}],
];

function facts0() {
  const { tree } = facts();
  if (!tree.available) throw new Error("unreachable");
  return tree;
}
function author(name: string, commits: number) {
  return { name, commits, lastAt: null };
}
function agent(completed: number, failed: number) {
  const runs = completed + failed;
  return {
    agentType: "x",
    runs,
    completed,
    failed,
    cancelled: 0,
    open: 0,
    medianSeconds: 1,
    costNanos: null,
  };
}
function manifest(more: object) {
  const path = "package.json";
  return {
    path,
    ecosystem: "npm",
    name: "x",
    runtime: 1,
    development: 0,
    lockFile: "x",
    needsLock: true,
    ...more,
  };
}
function workflow(movable: string[]) {
  return { path: "ci.yml", provider: "GitHub Actions", name: null, jobs: [], triggers: [], movable };
}

describe("insights", () => {
  it("have nothing to say of a healthy repository", () => {
    expect(composeInsights(facts())).toEqual([]);
  });

  it.each(CASES)("%s (%s) speaks when it is called for, with evidence", (rule, severity, calls) => {
    const insight = composeInsights(facts(calls)).find((found) => found.rule === rule);
    expect(insight).toMatchObject({ severity });
    expect(insight?.evidence.length).toBeGreaterThan(0);
    expect(insight?.evidence.length).toBeLessThanOrEqual(10);
    for (const evidence of insight?.evidence ?? []) {
      expect(evidence.ref).not.toBe("");
      expect(evidence.value).not.toBeUndefined();
    }
    expect(insight?.text).toMatch(/[.]$/u);
    expect(insight?.text).not.toMatch(/undefined|NaN|null|\[object/u);
    expect(insight?.title).not.toMatch(/undefined|NaN|null|`/u);
  });

  it.each(CASES)("%s (%s) is silent below its threshold", (rule, _severity, _calls, silent) => {
    expect(composeInsights(facts(silent)).map((found) => found.rule)).not.toContain(rule);
  });

  it("stand in order of weight", () => {
    const all = composeInsights(
      facts({
        tree: { truncated: "time" },
        history: { shallow: true },
        hotSpots: [hotSpot({ testFile: null })],
      }),
    );
    expect(all.map((insight) => insight.severity)).toEqual(["warning", "notice", "info"]);
  });

  it("are given when nothing could be read at all", () => {
    const missing = { available: false as const, reason: "gone" };
    const { reports } = facts();
    const nothing: Facts = {
      tree: missing,
      manifests: missing,
      history: missing,
      hotSpots: missing,
      reports: {
        ...reports,
        activity: missing,
        pipelines: missing,
        jobs: missing,
        failures: missing,
        agents: missing,
      },
      now: NOW,
    };
    const insights = composeInsights(nothing);
    expect(insights.map((insight) => insight.rule).sort()).toEqual([
      "unreadable_folder",
      "unreadable_records",
    ]);
    expect(reportParagraphs(nothing, insights).join("\n\n")).toContain("no files read");
  });
});

describe("the report", () => {
  it("never takes markup from a repository or a record", () => {
    const evil =
      "](javascript:alert(1))\n# Owned <img src=x onerror=alert(1)> `x` | y ![z](http://evil.example/x)";
    const changes = facts({
      tree: {
        largest: [{ path: evil, language: "T", lines: 5_000, bytes: 1, test: false }],
        languages: [{ name: evil, code: true, files: 1, bytes: 1, lines: 1 }],
      },
      history: { authors: [author(evil, 60)], ...subjects(30, 0, 0), people: 1 },
      hotSpots: [hotSpot({ path: evil, testFile: null })],
      manifests: { workflows: [workflow([evil])], manifests: [manifest({ path: evil, lockFile: null })] },
      reports: pipelines(pipeline({ name: evil, passRate: 0, lastStatus: "failed" })),
    });
    const markdown = reportParagraphs(changes, composeInsights(changes)).join("\n\n");
    const outsideCode = markdown.replace(/`[^`\n]*`/gu, "");
    expect(outsideCode).not.toMatch(/(^|[^\\])<img/u);
    expect(outsideCode).not.toMatch(/[^\\]\]\(/u);
    expect(outsideCode).not.toMatch(/^# Owned/mu);
    expect(markdown.match(/^# /gmu)).toHaveLength(1);
    for (const line of markdown.split("\n").filter((text) => text.startsWith("|"))) {
      expect(line.split(/(?<!\\)\|/u).length).toBeLessThanOrEqual(8);
    }
  });

  it("says in full what a healthy repository holds", () => {
    const healthy = facts({
      hotSpots: [hotSpot()],
      reports: {
        jobs: { available: true, jobs: [job({ share: 0.3 })] },
        failures: {
          available: true,
          failures: [
            {
              id: "ppl_x",
              pipeline: "ci",
              branch: "main",
              commitSha: "abc",
              title: "Add x",
              failedAt: NOW.toISOString(),
              jobs: ["e2e"],
            },
          ],
        },
      },
    });
    const markdown = reportParagraphs(healthy, []).join("\n\n");
    expect(markdown).toContain("Nothing stands out.");
    expect(markdown).toContain("| `src/a.ts` | 400 | 8 | 2 | 100 | `src/a.test.ts` |");
    expect(markdown).toContain("| `ci` | 20 | 95 % | 3 min | success |");
    expect(markdown).toContain("- `ci` on `main` in `e2e`, 2026-11-22: Add x");
    expect(markdown).toContain("for $4.00.");
    expect(markdown).not.toMatch(/undefined|NaN|\[object/u);
  });
});
