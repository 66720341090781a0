import type {
  Facts,
  HistoryFacts,
  HotSpot,
  ManifestFacts,
  PipelineFact,
  TreeFacts,
} from "../analyze/facts.ts";

/** A repository of which no rule has anything to say. */
const tree: TreeFacts = {
  files: 40,
  bytes: 100_000,
  lines: 4_000,
  languages: [{ name: "TypeScript", code: true, files: 40, bytes: 100_000, lines: 4_000 }],
  source: { files: 25, bytes: 60_000, lines: 2_500 },
  tests: { files: 10, bytes: 40_000, lines: 1_250 },
  largest: [{ path: "src/a.ts", language: "TypeScript", lines: 400, bytes: 9_000, test: false }],
  notable: {
    manifest: ["package.json"],
    lock: ["pnpm-lock.yaml"],
    ci: [".github/workflows/ci.yml"],
    container: [],
    document: ["README.md", "LICENSE"],
  },
  passed: { symlinks: 0, hardLinks: 0, protected: 1, unreadable: 0 },
  truncated: null,
};

const manifests: ManifestFacts = {
  manifests: [
    {
      path: "package.json",
      ecosystem: "npm",
      name: "x",
      runtime: 3,
      development: 2,
      lockFile: "pnpm-lock.yaml",
      needsLock: true,
    },
  ],
  manifestCount: 1,
  lockFiles: ["pnpm-lock.yaml"],
  workflows: [
    {
      path: ".github/workflows/ci.yml",
      provider: "GitHub Actions",
      name: "ci",
      jobs: ["test"],
      triggers: ["push"],
      movable: [],
    },
  ],
  containers: [],
};

export const NOW = new Date("2026-11-22T12:00:00Z");

const history: HistoryFacts = {
  reason: null,
  branch: "main",
  shallow: false,
  truncated: false,
  recent: Array.from({ length: 30 }, (_, i) => ({
    sha: `${i}`.padStart(40, "0"),
    at: NOW.toISOString(),
    author: "Ada",
    subject: `Add part ${i}`,
  })),
  perWeek: Array.from({ length: 10 }, (_, i) => ({ week: `2026-09-${10 + i}`, commits: 6, authors: 2 })),
  lastAt: NOW.toISOString(),
  authors: [
    { name: "Ada", commits: 32, lastAt: NOW.toISOString() },
    { name: "Grace", commits: 28, lastAt: NOW.toISOString() },
  ],
  people: 2,
  commits: 60,
  windowDays: 180,
};

export function hotSpot(more: Partial<HotSpot> = {}): HotSpot {
  return {
    path: "src/a.ts",
    language: "TypeScript",
    lines: 400,
    commits: 8,
    added: 100,
    removed: 80,
    authors: 2,
    score: 100,
    testFile: "src/a.test.ts",
    ...more,
  };
}

export function pipeline(more: Partial<PipelineFact> = {}): PipelineFact {
  return {
    name: "ci",
    runs: 20,
    success: 19,
    failed: 1,
    cancelled: 0,
    unfinished: 0,
    reruns: 1,
    passRate: 0.95,
    medianSeconds: 200,
    lastStatus: "success",
    lastId: "ppl_x",
    ...more,
  };
}

const sums = {
  activities: 10,
  inputTokens: 1_000,
  outputTokens: 100,
  costNanos: "4000000000",
  unpriced: 0,
};

const reports: Facts["reports"] = {
  days: 30,
  activity: {
    available: true,
    days: 30,
    total: sums,
    previous: sums,
    groups: [{ tool: "claude", model: "m1", category: "feature", ...sums }],
  },
  pipelines: { available: true, pipelines: [pipeline()] },
  jobs: { available: true, jobs: [] },
  failures: { available: true, failures: [] },
  agents: { available: true, agents: [] },
};

export interface FactChanges {
  readonly tree?: Partial<TreeFacts>;
  readonly manifests?: Partial<ManifestFacts>;
  readonly history?: Partial<HistoryFacts>;
  readonly hotSpots?: readonly HotSpot[];
  readonly reports?: Partial<Facts["reports"]>;
  readonly now?: Date;
}

export function facts(changes: FactChanges = {}): Facts {
  return {
    tree: { available: true, ...tree, ...changes.tree },
    manifests: { available: true, ...manifests, ...changes.manifests },
    history: { available: true, ...history, ...changes.history },
    hotSpots: { available: true, windowDays: 180, commits: 60, hotSpots: changes.hotSpots ?? [hotSpot()] },
    reports: { ...reports, ...changes.reports },
    now: changes.now ?? NOW,
  };
}
