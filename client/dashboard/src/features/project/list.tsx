import { A, useSearchParams } from "@solidjs/router";
import { For, lazy, Show, Suspense } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import type { ProjectsQuery } from "../../gql/graphql.ts";
import { Empty, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { money, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { ProjectsDocument } from "./data.ts";

const CreateProject = lazy(() => import("./create_dialog.tsx"));
type Project = ProjectsQuery["projects"]["edges"][number]["node"];

export default function ProjectsPage() {
  const [params, setParams] = useSearchParams<{ new: string }>();
  const query = createQuery(ProjectsDocument, () => ({ first: 100, after: null }));
  const projects = () => query.data()?.projects.edges.map((edge) => edge.node);
  createCrumbs(() => [{ label: "Projects" }]);
  const create = () => (
    <button type="button" class="btn btn-primary" onClick={() => setParams({ new: "1" })}>
      <Icon name="plus" /> New project
    </button>
  );
  return (
    <>
      <PageHeader
        title="Projects"
        note="Each gathers the pipelines, runs, activity and deployments of one product."
        actions={create()}
      />
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={projects()} fallback={<SkeletonText lines={8} />}>
        {(list) => (
          <Show
            when={list().length > 0}
            fallback={
              <Empty title="No project yet" action={create()}>
                Create the first one, then connect GitHub and give your agents a key.
              </Empty>
            }
          >
            <div class="grid gap-4 px-4 pb-6 md:grid-cols-2 md:px-6 xl:grid-cols-3">
              <For each={list()}>{(project) => <Card project={project} />}</For>
            </div>
          </Show>
        )}
      </Show>
      <Show when={params.new}>
        <Suspense>
          <CreateProject onClose={() => setParams({ new: null }, { replace: true })} />
        </Suspense>
      </Show>
    </>
  );
}

function Card(props: { project: Project }) {
  const summary = () => props.project.summary;
  return (
    <A href={`/p/${props.project.slug}`} class="card flex flex-col gap-3 p-4 hover:border-line-strong">
      <div class="flex items-center gap-2">
        <h2 class="min-w-0 truncate text-base font-semibold">{props.project.name}</h2>
        <Show when={props.project.isDemo}>
          <Pill tone="wait">demo</Pill>
        </Show>
        <Show when={props.project.status === "ARCHIVED"}>
          <Pill tone="idle">archived</Pill>
        </Show>
        <Show when={summary().running > 0}>
          <span class="ml-auto inline-flex items-center gap-1.5 text-run">
            <span class="pulse size-2 rounded-full bg-run" aria-hidden="true" />
            {summary().running} running
          </span>
        </Show>
      </div>
      <p class="line-clamp-2 min-h-10 text-muted">{props.project.description || "No description."}</p>
      <dl class="grid grid-cols-3 gap-2 border-t border-line pt-3">
        <Figure label="Pipelines, 7 d">
          <Show when={summary().pipelines7d > 0} fallback="none">
            {plural(summary().pipelines7d, "run")}, {Math.round((summary().passRate7d ?? 0) * 100)} %
          </Show>
        </Figure>
        <Figure label="AI cost, 7 d">{summary().cost7d === null ? "none" : money(summary().cost7d)}</Figure>
        <Figure label="Last deployment">
          <Show when={summary().lastDeployment} fallback="never">
            {(deployment) => <RelTime at={deployment().createdAt} />}
          </Show>
        </Figure>
      </dl>
    </A>
  );
}

function Figure(props: { label: string; children: import("solid-js").JSX.Element }) {
  return (
    <div>
      <dt class="text-xs text-muted">{props.label}</dt>
      <dd class="truncate">{props.children}</dd>
    </div>
  );
}
