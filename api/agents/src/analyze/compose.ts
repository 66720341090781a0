import type { AgentStepIO, Json } from "@shiplog/core";
import { toJson } from "./ask.ts";
import type { Facts } from "./facts.ts";
import { composeInsights, type Insight } from "./insights/index.ts";
import { reportParagraphs } from "./markdown.ts";
import { count } from "./words.ts";

type Outputs = Readonly<Record<string, Json>>;

const MESSAGE_ID = "report";

/** The facts of the committed steps; `now` is that of the insights, so that the report says the same. */
function factsOf(outputs: Outputs, now: Date): Facts {
  const { tree, manifests, history, reports } = outputs as unknown as Facts;
  return {
    tree,
    manifests,
    history,
    hotSpots: outputs["hot-spots"] as unknown as Facts["hotSpots"],
    reports,
    now,
  };
}

interface Composed {
  readonly at: string;
  readonly insights: readonly Insight[];
}

export async function compose(io: AgentStepIO): Promise<Json> {
  const now = io.now();
  const insights = composeInsights(factsOf(io.outputs, now));
  const warnings = insights.filter((insight) => insight.severity === "warning").length;
  await io.message(
    "assistant",
    `Came to ${count(insights.length, "insight")}, ${count(warnings, "warning")} among them. Writing the report.`,
  );
  return toJson({ at: now.toISOString(), insights } satisfies Composed);
}

/** Streams the report paragraph by paragraph; the whole message then stands for its pieces. */
export async function writeReport(io: AgentStepIO): Promise<Json> {
  const { at, insights } = io.outputs.insights as unknown as Composed;
  const paragraphs = reportParagraphs(factsOf(io.outputs, new Date(at)), insights);
  for (const [index, paragraph] of paragraphs.entries()) {
    await io.textDelta(MESSAGE_ID, index === 0 ? paragraph : `\n\n${paragraph}`);
  }
  const markdown = paragraphs.join("\n\n");
  await io.finishMessage(MESSAGE_ID, "assistant", markdown);
  return { markdown };
}

/** The execution's outputData. A part that could not be read is null, and an insight says why. */
export function result(outputs: Outputs): Json {
  const { at, insights } = outputs.insights as unknown as Composed;
  const { markdown } = outputs.report as unknown as { markdown: string };
  const { tree, manifests, history, hotSpots, reports } = factsOf(outputs, new Date(at));
  const { activity, pipelines, jobs, failures, agents } = reports;
  return toJson({
    analysedAt: at,
    languages: tree.available ? tree.languages : [],
    totals: tree.available ? { files: tree.files, bytes: tree.bytes, lines: tree.lines } : null,
    tests: tree.available
      ? {
          files: tree.tests.files,
          lines: tree.tests.lines,
          sourceFiles: tree.source.files,
          sourceLines: tree.source.lines,
          ratio: tree.source.lines === 0 ? null : tree.tests.lines / tree.source.lines,
        }
      : null,
    hotSpots: hotSpots.available ? hotSpots.hotSpots : [],
    cadence: history.available
      ? {
          perWeek: history.perWeek,
          last: history.lastAt,
          authors: history.authors,
          people: history.people,
          commits: history.commits,
          windowDays: history.windowDays,
          branch: history.branch,
        }
      : null,
    dependencies: manifests.available
      ? {
          manifests: manifests.manifests,
          count: manifests.manifests.reduce(
            (sum, { runtime, development }) => sum + runtime + development,
            0,
          ),
          manifestCount: manifests.manifestCount,
          lockFiles: manifests.lockFiles,
          containers: manifests.containers,
        }
      : null,
    ci: manifests.available
      ? {
          providers: [...new Set(manifests.workflows.map((workflow) => workflow.provider))],
          workflows: manifests.workflows,
        }
      : null,
    aiActivity: activity.available ? { ...activity, available: undefined } : null,
    pipelines: pipelines.available
      ? {
          days: reports.days,
          summary: pipelines.pipelines,
          slowestJobs: jobs.available ? jobs.jobs : [],
          recentFailures: failures.available ? failures.failures : [],
        }
      : null,
    agents: agents.available ? agents.agents : null,
    insights,
    markdown,
  });
}
