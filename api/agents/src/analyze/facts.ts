/** What the steps find out. Every part can be missing, with the reason, without ending the run. */
interface Missing {
  readonly available: false;
  readonly reason: string;
}

export type Found<T> = ({ readonly available: true } & T) | Missing;

interface Tally {
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
}

interface LanguageFact extends Tally {
  readonly name: string;
  readonly code: boolean;
}

export interface TreeFacts extends Tally {
  readonly languages: readonly LanguageFact[];
  readonly source: Tally;
  readonly tests: Tally;
  readonly largest: readonly {
    path: string;
    language: string;
    lines: number;
    bytes: number;
    test: boolean;
  }[];
  readonly notable: Readonly<
    Record<"manifest" | "lock" | "ci" | "container" | "document", readonly string[]>
  >;
  readonly passed: { symlinks: number; hardLinks: number; protected: number; unreadable: number };
  readonly truncated: string | null;
}

export interface ManifestFact {
  readonly path: string;
  readonly ecosystem: string;
  readonly name: string | null;
  readonly runtime: number;
  readonly development: number;
  /** The lock file that fixes its versions; null without one. */
  readonly lockFile: string | null;
  /** Versions can float without a lock file, and there are some. */
  readonly needsLock: boolean;
}

export interface WorkflowFact {
  readonly path: string;
  readonly provider: string;
  readonly name: string | null;
  readonly jobs: readonly string[];
  readonly triggers: readonly string[];
  /** Actions of others that are used by a tag or branch, which can be moved. */
  readonly movable: readonly string[];
}

export interface ManifestFacts {
  readonly manifests: readonly ManifestFact[];
  readonly manifestCount: number;
  readonly lockFiles: readonly string[];
  readonly workflows: readonly WorkflowFact[];
  readonly containers: readonly string[];
}

export interface HistoryFacts {
  readonly reason: string | null;
  readonly branch: string | null;
  readonly shallow: boolean;
  readonly truncated: boolean;
  readonly recent: readonly { sha: string; at: string | null; author: string; subject: string }[];
  readonly perWeek: readonly { week: string; commits: number; authors: number }[];
  readonly lastAt: string | null;
  readonly authors: readonly { name: string; commits: number; lastAt: string | null }[];
  readonly people: number;
  /** Commits, merges left out, in the window of `authors`. */
  readonly commits: number;
  readonly windowDays: number | null;
}

export interface HotSpot {
  readonly path: string;
  readonly language: string | null;
  readonly lines: number;
  readonly commits: number;
  readonly added: number;
  readonly removed: number;
  readonly authors: number;
  /** Lines x commits, 100 for the hottest. */
  readonly score: number;
  readonly testFile: string | null;
}

export interface HotSpotFacts {
  readonly windowDays: number | null;
  /** Commits that were read for it. */
  readonly commits: number;
  readonly hotSpots: readonly HotSpot[];
}

interface ActivitySums {
  readonly activities: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanos: string | null;
  readonly unpriced: number;
}

interface ActivityFacts {
  readonly days: number;
  readonly total: ActivitySums;
  readonly previous: ActivitySums;
  readonly groups: readonly (ActivitySums & { tool: string; model: string | null; category: string })[];
}

export interface PipelineFact {
  readonly name: string;
  readonly runs: number;
  readonly success: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly unfinished: number;
  readonly reruns: number;
  readonly passRate: number | null;
  readonly medianSeconds: number | null;
  readonly lastStatus: string;
  readonly lastId: string;
}

interface JobFact {
  readonly pipeline: string;
  readonly job: string;
  readonly runs: number;
  readonly failed: number;
  readonly medianSeconds: number;
  readonly totalSeconds: number;
  readonly share: number;
}

interface FailureFact {
  readonly id: string;
  readonly pipeline: string;
  readonly branch: string | null;
  readonly commitSha: string | null;
  readonly title: string | null;
  readonly failedAt: string;
  readonly jobs: readonly string[];
}

interface AgentFact {
  readonly agentType: string;
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly open: number;
  readonly medianSeconds: number | null;
  readonly costNanos: string | null;
}

export interface ReportFacts {
  readonly days: number;
  readonly activity: Found<ActivityFacts>;
  readonly pipelines: Found<{ pipelines: readonly PipelineFact[] }>;
  readonly jobs: Found<{ jobs: readonly JobFact[] }>;
  readonly failures: Found<{ failures: readonly FailureFact[] }>;
  readonly agents: Found<{ agents: readonly AgentFact[] }>;
}

export interface Facts {
  readonly tree: Found<TreeFacts>;
  readonly manifests: Found<ManifestFacts>;
  readonly history: Found<HistoryFacts>;
  readonly hotSpots: Found<HotSpotFacts>;
  readonly reports: ReportFacts;
  readonly now: Date;
}
