import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createSoon } from "../../api/soon.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import { Empty, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { PageHeader, Section } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { Broke } from "./broke.tsx";
import { OverviewDocument } from "./data.ts";
import { Running } from "./running.tsx";
import { Shipped } from "./shipped.tsx";
import { Spend } from "./spend.tsx";

/** Streams of one tab; the projects beyond refresh with the others. */
const FEEDS = 20;

export default function OverviewPage() {
  const session = useSession();
  const query = createQuery(OverviewDocument, () => ({}));
  const overview = () => query.data()?.overview;
  createCrumbs(() => [{ label: "Overview" }]);
  const base = () => `/p/${session.project()?.slug ?? ""}`;
  /** The page is of all projects, what it links to is of one. */
  const of = (rows: string) =>
    session.viewer().projects.length > 1 ? `${rows} of ${session.project()?.name}` : rows;

  // Many changes at once are one reading.
  const soon = createSoon(query.refetch, 400);
  const ids = createMemo(() =>
    session
      .viewer()
      .projects.slice(0, FEEDS)
      .map((project) => project.id),
  );

  return (
    <Show when={session.viewer().projects.length > 0} fallback={<Welcome />}>
      <For each={ids()}>{(id) => <Feed id={id} changed={soon} />}</For>
      <PageHeader title="Overview" note="What runs, what broke, what it costs, what shipped." />
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <div class="grid gap-4 px-4 pb-6 md:px-6 xl:grid-cols-[minmax(0,1fr)_340px]">
        <div class="flex min-w-0 flex-col gap-4">
          <Section title="Now" href={`${base()}/runs?status=RUNNING`} link={of("Runs")}>
            <Show when={overview()} fallback={<SkeletonText />}>
              {(data) => <Running items={data().running} />}
            </Show>
          </Section>
          <Section title="Broke" href={`${base()}/pipelines?status=FAILED`} link={of("Failed pipelines")}>
            <Show when={overview()} fallback={<SkeletonText />}>
              {(data) => <Broke items={data().failures} />}
            </Show>
          </Section>
          <Section title="Shipped" href={`${base()}/deployments`} link={of("Deployments")}>
            <Show when={overview()} fallback={<SkeletonText />}>
              {(data) => <Shipped items={data().shipped} />}
            </Show>
          </Section>
        </div>
        <div class="flex min-w-0 flex-col gap-4">
          <Section title="Spend" href={`${base()}/activity`} link={of("AI activity")}>
            <Show when={overview()} fallback={<SkeletonText lines={7} />}>
              {(data) => <Spend spend={data().spend} />}
            </Show>
          </Section>
        </div>
      </div>
    </Show>
  );
}

function Feed(props: { id: string; changed: () => void }) {
  createProjectFeed(() => props.id, {
    reload: props.changed,
    run: props.changed,
    pipeline: props.changed,
    deployment: props.changed,
    activities: props.changed,
  });
  return null;
}

function Welcome() {
  return (
    <Empty
      title="Welcome to Shiplog"
      action={
        <A href="/projects?new=1" class="btn btn-primary">
          Create a project
        </A>
      }
    >
      A project gathers the pipelines, agent runs, AI activity and deployments of one product. Create one,
      connect GitHub, and this page shows what runs, what broke and what it costs.
    </Empty>
  );
}
