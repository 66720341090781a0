import { A, useParams } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { createPages } from "../../api/pages.ts";
import { createQuery } from "../../api/query.ts";
import { createSoon } from "../../api/soon.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { hasRole } from "../../app/viewer.ts";
import { ProblemNote, SkeletonRows, SkeletonText } from "../../ui/feedback.tsx";
import { money } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { PageHeader, Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { ActivitiesDocument } from "../activity/data.ts";
import { ActivityRow } from "../activity/row.tsx";
import { RunsDocument } from "../agent/data.ts";
import { RunRow } from "../agent/run_row.tsx";
import { DeploymentsDocument, PipelinesDocument } from "../pipeline/data.ts";
import { DeploymentRow } from "../pipeline/deployment_row.tsx";
import { PipelineRow } from "../pipeline/pipeline_row.tsx";
import { ProjectDocument } from "./data.ts";
import { DemoNote } from "./demo_note.tsx";
import { createProjectFeed } from "./feed.ts";

const SHOWN = 6;

export default function ProjectPage() {
  const params = useParams<{ slug: string }>();
  const query = createQuery(ProjectDocument, () => ({ slug: params.slug }));
  const project = () => query.data()?.project;
  const scope = () => (project() ? { projectId: project()?.id ?? "" } : null);
  const runs = createPages(RunsDocument, scope, (data) => data.agentExecutions, SHOWN);
  const pipelines = createPages(PipelinesDocument, scope, (data) => data.pipelineExecutions, SHOWN);
  const deployments = createPages(DeploymentsDocument, scope, (data) => data.deployments, SHOWN);
  const activities = createPages(ActivitiesDocument, scope, (data) => data.aiActivities, SHOWN);
  const figuresSoon = createSoon(query.refetch, 1000);
  // Six rows do not move under a pointer for long: new ones are shown as they come.
  const show =
    <T extends { id: string }>(pages: { upsert(row: T, matches: boolean): void; showWaiting(): void }) =>
    (row: T) => {
      pages.upsert(row, true);
      pages.showWaiting();
      figuresSoon();
    };
  createProjectFeed(() => project()?.id, {
    reload: () => {
      for (const list of [runs, pipelines, deployments, activities]) list.reload();
    },
    run: show(runs),
    pipeline: show(pipelines),
    deployment: show(deployments),
    activities: () => activities.reload(),
  });
  createCrumbs(() => [{ label: "Projects", href: "/projects" }, { label: project()?.name ?? params.slug }]);
  const base = () => `/p/${params.slug}`;

  return (
    <Show when={!query.data() || project()} fallback={<NotFound what="project" />}>
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={project()} fallback={<SkeletonText lines={10} />}>
        {(one) => (
          <>
            <PageHeader
              title={
                <span class="flex items-center gap-2">
                  {one().name}
                  <Show when={one().isDemo}>
                    <Pill tone="wait">demo</Pill>
                  </Show>
                </span>
              }
              note={one().isDemo ? undefined : one().description}
              actions={
                <Show when={hasRole(one(), "developer")}>
                  <A href={`${base()}/runs?start=1`} class="btn">
                    <Icon name="run" /> Start a run
                  </A>
                </Show>
              }
            />
            <Show when={one().isDemo}>
              <DemoNote project={one()} />
            </Show>
            <dl class="mx-4 mb-4 grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:mx-6 lg:grid-cols-5">
              <Figure label="Running" href={`${base()}/runs?status=RUNNING`}>
                {one().summary.running}
              </Figure>
              <Figure label="Pipelines, 7 days" href={`${base()}/pipelines`}>
                {one().summary.pipelines7d}
              </Figure>
              <Figure label="Pass rate, 7 days" href={`${base()}/pipelines?status=FAILED`}>
                {one().summary.passRate7d === null
                  ? "–"
                  : `${Math.round((one().summary.passRate7d ?? 0) * 100)} %`}
              </Figure>
              <Figure label="AI cost today / 7 days" href={`${base()}/activity`}>
                {one().summary.costToday === null ? "–" : money(one().summary.costToday)}
                <span class="text-muted">
                  {" "}
                  / {one().summary.cost7d === null ? "–" : money(one().summary.cost7d)}
                </span>
              </Figure>
              <Figure label="Last deployment" href={`${base()}/deployments`}>
                <Show when={one().summary.lastDeployment} fallback="–">
                  {(deployment) => <RelTime at={deployment().createdAt} />}
                </Show>
              </Figure>
            </dl>
            <div class="flex flex-col gap-4 px-4 pb-6 md:px-6">
              <Short
                title="Runs"
                href={`${base()}/runs`}
                rows={runs.rows}
                ready={runs.ready()}
                empty="No agent has run yet."
              >
                {(run) => <RunRow run={run} />}
              </Short>
              <Short
                title="Pipelines"
                href={`${base()}/pipelines`}
                rows={pipelines.rows}
                ready={pipelines.ready()}
                empty="No pipeline has been reported yet: GitHub is connected in the settings."
              >
                {(pipeline) => <PipelineRow pipeline={pipeline} />}
              </Short>
              <Short
                title="Deployments"
                href={`${base()}/deployments`}
                rows={deployments.rows}
                ready={deployments.ready()}
                empty="Nothing has been deployed yet."
              >
                {(deployment) => <DeploymentRow deployment={deployment} />}
              </Short>
              <Short
                title="AI activity"
                href={`${base()}/activity`}
                rows={activities.rows}
                ready={activities.ready()}
                empty="No AI activity has been recorded yet."
              >
                {(activity) => <ActivityRow activity={activity} />}
              </Short>
            </div>
          </>
        )}
      </Show>
    </Show>
  );
}

function Figure(props: { label: string; href: string; children: JSX.Element }) {
  return (
    <div class="bg-panel px-4 py-3 max-lg:last:col-span-2">
      <dt class="text-xs text-muted">{props.label}</dt>
      <dd class="text-lg font-semibold">
        <A href={props.href} class="hover:text-accent-text">
          {props.children}
        </A>
      </dd>
    </div>
  );
}

function Short<T>(props: {
  title: string;
  href: string;
  rows: readonly T[];
  ready: boolean;
  empty: string;
  children: (row: T) => JSX.Element;
}) {
  return (
    <Section title={props.title} href={props.href}>
      <Show when={props.ready} fallback={<SkeletonRows rows={3} />}>
        <For each={props.rows.slice(0, SHOWN)} fallback={<p class="px-4 py-5 text-muted">{props.empty}</p>}>
          {(row) => props.children(row)}
        </For>
      </Show>
    </Section>
  );
}
