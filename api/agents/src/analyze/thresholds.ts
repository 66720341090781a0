/**
 * Where a fact becomes an insight. Each number is a judgement, chosen so that a healthy repository of any size
 * gets few insights; `min…` values keep small samples silent.
 */
export const THRESHOLDS = {
  /** Days of history that count as recent. */
  windowDays: 180,
  cadenceWeeks: 26,
  recentCommits: 50,
  /** Days of pipelines and AI activity, compared with as many before them. */
  reportDays: 30,

  hotSpot: {
    minCommits: 2,
    /** With fewer commits in the window, all of the history is read. */
    minHistory: 10,
    /** A hot spot without a test is named when it changed at least so often and is at least so long. */
    untestedCommits: 4,
    untestedLines: 80,
    /** Share of all commits that touch one file, from so many commits on. */
    magnetShare: 0.25,
    magnetCommits: 10,
    /** Net growth in the window of a file that is already long. */
    growthLines: 300,
    growthSize: 500,
    /** A file that one person alone changed so often, while others work on the project. */
    islandCommits: 8,
  },
  /** Files of source from which a project is expected to have tests, CI, a README and a licence. */
  minSourceFiles: 5,
  /** Lines of tests per line of source. */
  tests: { low: 0.2, high: 0.8 },
  longFileLines: 1_000,

  people: { minCommits: 20, topShare: 0.8 },
  quiet: { noticeDays: 30, warningDays: 180 },
  /** Consecutive weeks without a commit, between weeks with some. */
  gapWeeks: 3,
  /** Commits of the last four full weeks against the four before. */
  pace: { factor: 2, minCommits: 20 },
  repair: { share: 0.4, minCommits: 20, reverts: 3 },

  pipeline: {
    minRuns: 5,
    warningRate: 0.7,
    noticeRate: 0.9,
    rerunShare: 0.2,
    minReruns: 3,
    longSeconds: 15 * 60,
  },
  job: { share: 0.5, minTotalSeconds: 10 * 60 },
  agent: { minRuns: 5, failureShare: 0.3 },
  ai: {
    /** Cost of the period against the one before, from so many nano-dollars in the earlier one on. */
    trendFactor: 1.5,
    trendMinNanos: 1_000_000_000n,
    /** One model's share of the cost, from so many nano-dollars in all on. */
    concentration: 0.8,
    concentrationMinNanos: 10_000_000_000n,
  },
  maxInsights: 30,
} as const;
