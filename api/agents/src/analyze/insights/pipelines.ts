import { THRESHOLDS } from "../thresholds.ts";
import { code, count, duration, list, percent } from "../words.ts";
import { EVIDENCE_KEPT, type Rule } from "./insight.ts";

const limits = THRESHOLDS.pipeline;

const failing: Rule = ({ reports }) => {
  if (!reports.pipelines.available) return null;
  const low = reports.pipelines.pipelines.filter(
    ({ passRate, success, failed }) =>
      passRate !== null && success + failed >= limits.minRuns && passRate < limits.noticeRate,
  );
  if (low.length === 0) return null;
  const names = low.map(
    (pipeline) =>
      `${code(pipeline.name)} (${percent(pipeline.passRate ?? 0)} of ${pipeline.success + pipeline.failed})`,
  );
  const bad = low.some((pipeline) => (pipeline.passRate ?? 1) < limits.warningRate);
  const where = reports.failures.available
    ? failedJobs(reports.failures.failures.flatMap((run) => run.jobs))
    : "";
  return {
    rule: "failing_pipelines",
    title: bad ? "Pipelines fail often" : "Pipelines fail now and then",
    severity: bad ? "warning" : "notice",
    text: `Passed in the last ${reports.days} days: ${list(names)}.${where}`,
    evidence: low.slice(0, EVIDENCE_KEPT).map(({ name, lastId, passRate, success, failed }) => ({
      kind: "pipeline",
      ref: lastId,
      value: { name, passRate, success, failed },
    })),
  };
};

function failedJobs(jobs: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const job of jobs) counts.set(job, (counts.get(job) ?? 0) + 1);
  const top = [...counts].sort(([, a], [, b]) => b - a)[0];
  return top && top[1] > 1 ? ` The job ${code(top[0])} failed in ${top[1]} of the newest failures.` : "";
}

const redNow: Rule = ({ reports }) => {
  if (!reports.pipelines.available) return null;
  const red = reports.pipelines.pipelines.filter((pipeline) => pipeline.lastStatus === "failed");
  if (red.length === 0) return null;
  return {
    rule: "red_now",
    title: `${count(red.length, "pipeline")} red now`,
    severity: "warning",
    text: `The newest run of ${list(red.map((pipeline) => code(pipeline.name)))} failed.`,
    evidence: red.slice(0, EVIDENCE_KEPT).map(({ name, lastId }) => ({
      kind: "pipeline",
      ref: lastId,
      value: { name, status: "failed" },
    })),
  };
};

const reruns: Rule = ({ reports }) => {
  if (!reports.pipelines.available) return null;
  const again = reports.pipelines.pipelines.filter(
    ({ reruns: count, runs }) => count >= limits.minReruns && count / runs >= limits.rerunShare,
  );
  if (again.length === 0) return null;
  return {
    rule: "frequent_reruns",
    title: "Runs are started again and again",
    severity: "notice",
    text: `${list(again.map(({ name, reruns: count, runs }) => `${code(name)} (${count} of ${runs} runs)`))} needed a second attempt. That is what unsteady tests look like.`,
    evidence: again.slice(0, EVIDENCE_KEPT).map(({ name, lastId, reruns: count, runs }) => ({
      kind: "pipeline",
      ref: lastId,
      value: { name, reruns: count, runs },
    })),
  };
};

const slow: Rule = ({ reports }) => {
  if (!reports.pipelines.available) return null;
  const long = reports.pipelines.pipelines.filter(
    ({ medianSeconds, runs }) => runs >= limits.minRuns && (medianSeconds ?? 0) > limits.longSeconds,
  );
  if (long.length === 0) return null;
  return {
    rule: "slow_pipelines",
    title: "People wait long for a pipeline",
    severity: "notice",
    text: `Half of the runs take longer than: ${list(long.map(({ name, medianSeconds }) => `${code(name)} ${duration(medianSeconds ?? 0)}`))}.`,
    evidence: long.slice(0, EVIDENCE_KEPT).map(({ name, lastId, medianSeconds }) => ({
      kind: "pipeline",
      ref: lastId,
      value: { name, medianSeconds },
    })),
  };
};

const dominantJob: Rule = ({ reports }) => {
  if (!reports.jobs.available || reports.jobs.jobs.length < 2) return null;
  const top = reports.jobs.jobs[0];
  if (!top || top.share < THRESHOLDS.job.share || top.totalSeconds < THRESHOLDS.job.minTotalSeconds)
    return null;
  return {
    rule: "dominant_job",
    title: `One job takes ${percent(top.share)} of the pipeline time`,
    severity: "notice",
    text: `${code(top.job)} of ${code(top.pipeline)} used ${duration(top.totalSeconds)} in ${count(top.runs, "run")}, usually ${duration(top.medianSeconds)} each. Making it faster pays more than all else.`,
    evidence: [
      {
        kind: "job",
        ref: `${top.pipeline} / ${top.job}`,
        value: { share: Number(top.share.toFixed(3)), totalSeconds: top.totalSeconds, runs: top.runs },
      },
    ],
  };
};

const none: Rule = ({ reports }) => {
  if (!reports.pipelines.available || reports.pipelines.pipelines.length > 0) return null;
  return {
    rule: "no_pipelines",
    title: "No pipeline runs recorded",
    severity: "info",
    text: `Nothing arrived in the last ${reports.days} days. An integration in the project's settings gives the address that the CI server posts to.`,
    evidence: [
      { kind: "report", ref: "database/pipeline_summary", value: { days: reports.days, pipelines: 0 } },
    ],
  };
};

export const pipelineRules: readonly Rule[] = [failing, redNow, reruns, slow, dominantJob, none];
