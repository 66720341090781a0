import { useParams, useSearchParams } from "@solidjs/router";
import { createEffect, For, Show } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { useSession } from "../../app/viewer.ts";
import { createStream } from "../../live/create_stream.ts";
import { ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { Section } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { PipelineDocument, PipelineEventsDocument } from "./data.ts";
import { DeploymentRow } from "./deployment_row.tsx";
import { JobDetail } from "./job_detail.tsx";
import { type Job, JobList } from "./job_list.tsx";
import { applyJob, openJob } from "./jobs.ts";
import { PipelineHeader } from "./pipeline_header.tsx";

function createPipelineState(id: () => string) {
  const query = createQuery(PipelineDocument, () => ({ id: id() }));
  createStream({
    document: PipelineEventsDocument,
    variables: () => ({ id: id() }),
    read: (data) => data.pipelineExecutionEvents,
    from: "edge",
    onStart: query.refetch,
    onReset: query.refetch,
    onEvents: (events) => {
      query.patch((data) => {
        const pipeline = data.pipelineExecution;
        if (!pipeline) return;
        for (const event of events) {
          if (event.__typename === "PipelineJobChanged") {
            pipeline.jobs = applyJob<Job>(pipeline.jobs, event.job, (snapshot) => ({
              ...(snapshot as Job),
              medianDurationMs: null,
            }));
          } else if (event.__typename === "PipelineStatusChanged") {
            Object.assign(
              pipeline,
              event.pipeline
                ? { ...event.pipeline, repository: pipeline.repository }
                : { status: event.status },
            );
          }
        }
      });
      // A new deployment, a reason, a median: what an event does not carry is read again.
      if (events.some((event) => event.__typename !== "PipelineJobChanged")) query.refetch();
    },
  });
  // The stream ends with the run: a job or a deployment that is told of later is only on the project's.
  const pipeline = () => query.data()?.pipelineExecution;
  createProjectFeed(() => pipeline()?.project.id, {
    reload: query.refetch,
    pipeline: (row) => row.id === id() && query.refetch(),
    deployment: (row) => {
      const shown = pipeline()?.deployments.some((one) => one.id === row.id);
      if (shown || row.pipeline?.id === id()) query.refetch();
    },
  });
  return query;
}

export default function PipelinePage() {
  const params = useParams<{ id: string }>();
  const [search, setSearch] = useSearchParams<{ job: string }>();
  const session = useSession();
  const query = createPipelineState(() => params.id);
  const pipeline = () => query.data()?.pipelineExecution;
  const job = () => openJob(pipeline()?.jobs ?? [], search.job);
  createEffect(() => {
    const slug = pipeline()?.project.slug;
    if (slug) session.setProject(slug);
  });
  createCrumbs(() => {
    const one = pipeline();
    if (!one) return [{ label: "Pipeline" }];
    const base = `/p/${one.project.slug}`;
    return [
      { label: one.project.name, href: base },
      { label: "Pipelines", href: `${base}/pipelines` },
      { label: one.runNumber ? `${one.pipelineName} #${one.runNumber}` : one.pipelineName },
    ];
  });
  return (
    <Show when={!query.data() || pipeline()} fallback={<NotFound what="pipeline" />}>
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={pipeline()} fallback={<SkeletonText lines={12} />}>
        {(one) => (
          <>
            <PipelineHeader pipeline={one()} />
            <div class="flex flex-col gap-4 p-4 md:p-6">
              <div class="card grid grid-cols-1 overflow-hidden lg:grid-cols-[320px_minmax(0,1fr)]">
                <Show
                  when={one().jobs.length > 0}
                  fallback={
                    <p class="p-4 text-muted lg:col-span-2">
                      No job has been reported. Let the webhook send workflow_job events to see them here.
                    </p>
                  }
                >
                  <div class="border-line max-lg:border-b lg:border-r">
                    <JobList
                      jobs={one().jobs}
                      open={job()?.id}
                      onOpen={(id) => setSearch({ job: id }, { replace: true, scroll: false })}
                    />
                  </div>
                  <Show when={job()}>{(open) => <JobDetail job={open()} />}</Show>
                </Show>
              </div>
              <Show when={one().deployments.length > 0}>
                <Section title="Deployments">
                  <For each={one().deployments}>
                    {(deployment) => <DeploymentRow deployment={deployment} />}
                  </For>
                </Section>
              </Show>
            </div>
          </>
        )}
      </Show>
    </Show>
  );
}
