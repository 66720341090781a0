import type { Facts, HistoryFacts, ReportFacts, TreeFacts } from "./facts.ts";
import { reasonText } from "./history.ts";
import type { Insight, Severity } from "./insights/index.ts";
import { code, count, dollars, duration, kib, list, percent, plain } from "./words.ts";

const LANGUAGES_SHOWN = 8;
const AUTHORS_SHOWN = 6;

const MARKS: Readonly<Record<Severity, string>> = { warning: "Warning", notice: "Notice", info: "Info" };

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function insightSection(insights: readonly Insight[]): string[] {
  if (insights.length === 0) return ["## Insights", "Nothing stands out."];
  const items = insights.map(
    (insight) => `- **${MARKS[insight.severity]}: ${plain(insight.title, 300)}.** ${insight.text}`,
  );
  return ["## Insights", items.join("\n")];
}

function codeSection(tree: TreeFacts): string[] {
  const shown = tree.languages.slice(0, LANGUAGES_SHOWN);
  const rows = shown.map(({ name, files, lines, bytes }) => [
    plain(name),
    files.toLocaleString("en-US"),
    lines.toLocaleString("en-US"),
    kib(bytes),
  ]);
  const { source, tests } = tree;
  const ratio = source.lines === 0 ? "" : ` (${percent(tests.lines / source.lines)} of the source)`;
  const held = tree.passed.protected;
  return [
    "## Code",
    table(["Language", "Files", "Lines", "Size"], rows),
    `Source: ${count(source.files, "file")}, ${count(source.lines, "line")}. Tests: ${count(tests.files, "file")}, ${count(tests.lines, "line")}${ratio}.`,
    ...(held > 0
      ? [`Not read: ${count(held, "entry", "entries")} that may hold secrets or belong to git.`]
      : []),
  ];
}

function hotSpotSection({ hotSpots }: Facts): string[] {
  if (!hotSpots.available || hotSpots.hotSpots.length === 0) return [];
  const period = hotSpots.windowDays === null ? "of all time" : `of the last ${hotSpots.windowDays} days`;
  const rows = hotSpots.hotSpots.map((spot) => [
    code(spot.path),
    spot.lines.toLocaleString("en-US"),
    String(spot.commits),
    String(spot.authors),
    String(spot.score),
    spot.testFile === null ? "none found" : code(spot.testFile),
  ]);
  return [
    "## Hot spots",
    `Lines times commits ${period}, ${count(hotSpots.commits, "commit")} in all; 100 is the hottest.`,
    table(["File", "Lines", "Commits", "Authors", "Score", "Test"], rows),
  ];
}

const BARS = "▁▂▃▄▅▆▇█";

function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values, 1);
  return values.map((value) => BARS[Math.ceil((value / highest) * (BARS.length - 1))]).join("");
}

function historySection(history: HistoryFacts): string[] {
  const period =
    history.windowDays === null ? "in all of the history" : `in the last ${history.windowDays} days`;
  const authors = history.authors
    .slice(0, AUTHORS_SHOWN)
    .map((author) => `${plain(author.name, 60)} (${author.commits})`);
  const weeks = history.perWeek.map((week) => week.commits);
  return [
    "## History",
    `${count(history.commits, "commit")} by ${count(history.people, "person", "people")} ${period}: ${list(authors, AUTHORS_SHOWN)}.`,
    ...(weeks.length === 0
      ? []
      : [
          `Commits per week since ${history.perWeek[0]?.week}: \`${sparkline(weeks)}\` (at most ${Math.max(...weeks)}).`,
        ]),
    ...(history.lastAt === null ? [] : [`The newest commit is of ${history.lastAt.slice(0, 10)}.`]),
  ];
}

function setUpSection({ manifests }: Facts): string[] {
  if (!manifests.available || manifests.manifestCount + manifests.workflows.length === 0) return [];
  const rows = manifests.manifests
    .slice(0, 15)
    .map((manifest) => [
      code(manifest.path),
      manifest.ecosystem,
      `${manifest.runtime} + ${manifest.development}`,
      manifest.lockFile === null ? (manifest.needsLock ? "missing" : "not needed") : code(manifest.lockFile),
    ]);
  const jobs = manifests.workflows.map((workflow) => {
    const names = workflow.jobs.length === 0 ? "" : `: ${list(workflow.jobs.map(code))}`;
    return `- ${code(workflow.path)} (${plain(workflow.provider)})${names}`;
  });
  return [
    "## Dependencies and CI",
    ...(rows.length === 0 ? [] : [table(["Manifest", "Kind", "Runtime + development", "Lock file"], rows)]),
    ...(jobs.length === 0 ? ["No CI definition in the folder."] : [jobs.join("\n")]),
  ];
}

function pipelineSection({ pipelines, jobs, failures, days }: ReportFacts): string[] {
  if (!pipelines.available || pipelines.pipelines.length === 0) return [];
  const rows = pipelines.pipelines
    .slice(0, 15)
    .map((pipeline) => [
      code(pipeline.name),
      String(pipeline.runs),
      pipeline.passRate === null ? "–" : percent(pipeline.passRate),
      pipeline.medianSeconds === null ? "–" : duration(pipeline.medianSeconds),
      pipeline.lastStatus,
    ]);
  const slow = jobs.available ? jobs.jobs.slice(0, 3) : [];
  const slowest = slow.map(
    (job) => `${code(job.job)} ${duration(job.medianSeconds)} (${percent(job.share)} of the time)`,
  );
  const failed = failures.available ? failures.failures.slice(0, 3) : [];
  const newest = failed.map((run) => {
    const where = run.jobs.length === 0 ? "" : ` in ${list(run.jobs.map(code), 3)}`;
    return `- ${code(run.pipeline)} on ${code(run.branch ?? "?")}${where}, ${run.failedAt.slice(0, 10)}: ${plain(run.title ?? "")}`;
  });
  return [
    `## Pipelines of the last ${days} days`,
    table(["Pipeline", "Runs", "Passed", "Usual time", "Newest"], rows),
    ...(slowest.length === 0 ? [] : [`Slowest jobs: ${list(slowest)}.`]),
    ...(newest.length === 0 ? [] : [`Newest failures:\n\n${newest.join("\n")}`]),
  ];
}

function activitySection({ activity, days }: ReportFacts): string[] {
  if (!activity.available || activity.total.activities === 0) return [];
  const cost = (nanos: string | null) => (nanos === null ? "unknown" : dollars(BigInt(nanos)));
  const rows = activity.groups
    .slice(0, 10)
    .map((group) => [
      plain(group.tool),
      group.model === null ? "–" : code(group.model),
      plain(group.category),
      String(group.activities),
      (group.inputTokens + group.outputTokens).toLocaleString("en-US"),
      cost(group.costNanos),
    ]);
  return [
    `## AI activity of the last ${days} days`,
    table(["Tool", "Model", "Category", "Activities", "Tokens", "Cost"], rows),
    `In all ${count(activity.total.activities, "activity", "activities")} for ${cost(activity.total.costNanos)}.`,
  ];
}

function headline({ tree, history }: Facts): string {
  const files = tree.available
    ? `${count(tree.files, "file")}, ${count(tree.lines, "line")}`
    : "no files read";
  const past = history.available
    ? `last commit ${history.lastAt?.slice(0, 10) ?? "unknown"}`
    : reasonText(history.reason);
  return `${files}; ${plain(past)}.`;
}

/** The report as paragraphs; joined by blank lines they are the Markdown document. */
export function reportParagraphs(facts: Facts, insights: readonly Insight[]): string[] {
  return [
    "# Repository analysis",
    headline(facts),
    ...insightSection(insights),
    ...(facts.tree.available && facts.tree.files > 0 ? codeSection(facts.tree) : []),
    ...hotSpotSection(facts),
    ...(facts.history.available ? historySection(facts.history) : []),
    ...setUpSection(facts),
    ...pipelineSection(facts.reports),
    ...activitySection(facts.reports),
  ];
}
