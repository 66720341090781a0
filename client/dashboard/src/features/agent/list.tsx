import { useSearchParams } from "@solidjs/router";
import { lazy, Show, Suspense } from "solid-js";
import { createPages } from "../../api/pages.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { hasRole, useSession } from "../../app/viewer.ts";
import type { AgentExecutionStatus } from "../../gql/graphql.ts";
import { Empty } from "../../ui/feedback.tsx";
import { FilterBar } from "../../ui/filters.tsx";
import { Icon } from "../../ui/icons.tsx";
import { LiveList } from "../../ui/live_list.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { RunsDocument } from "./data.ts";
import { RunRow } from "./run_row.tsx";

const StartRun = lazy(() => import("./start_dialog.tsx"));
const FILTERS: Readonly<Record<string, AgentExecutionStatus[]>> = {
  RUNNING: ["PENDING", "RUNNING", "WAITING_APPROVAL"],
  FAILED: ["FAILED"],
  COMPLETED: ["COMPLETED"],
  CANCELLED: ["CANCELLED"],
};

export default function RunsPage() {
  const session = useSession();
  const [params, setParams] = useSearchParams<{ status: string; start: string }>();
  const project = session.project;
  const status = () => FILTERS[params.status ?? ""];
  const pages = createPages(
    RunsDocument,
    () => {
      const id = project()?.id;
      return id ? { projectId: id, status: status() ?? null } : null;
    },
    (data) => data.agentExecutions,
  );
  createProjectFeed(() => project()?.id, {
    reload: pages.reload,
    run: (run) => pages.upsert(run, status()?.includes(run.status) ?? true),
  });
  createCrumbs(() => [{ label: project()?.name ?? "", href: `/p/${project()?.slug}` }, { label: "Runs" }]);
  const mayStart = () => hasRole(project(), "developer");
  const start = () => (
    <Show when={mayStart()}>
      <button type="button" class="btn btn-primary" onClick={() => setParams({ start: "1" })}>
        <Icon name="run" /> Start a run
      </button>
    </Show>
  );
  return (
    <div class="flex h-full flex-col">
      <PageHeader title="Runs" note="Agents at work on this project, live." actions={start()} />
      <div class="px-3 pb-3 md:px-5">
        <FilterBar
          name="status"
          label="Status"
          choices={[
            { value: "RUNNING", label: "Running" },
            { value: "FAILED", label: "Failed" },
            { value: "COMPLETED", label: "Completed" },
            { value: "CANCELLED", label: "Cancelled" },
          ]}
        />
      </div>
      <LiveList
        pages={pages}
        label="Runs"
        noun="run"
        empty={
          <Show
            when={!status()}
            fallback={<Empty title="No run has this status">Choose another filter to see more.</Empty>}
          >
            <Empty title="No runs yet" action={start()}>
              Every run of an agent appears here, with its text, tool calls and cost as they happen. Start{" "}
              <code>analyze</code>, or stream in a run of your own agent with an API key (Settings, API keys).
            </Empty>
          </Show>
        }
      >
        {(run) => <RunRow run={run} />}
      </LiveList>
      <Show when={params.start && mayStart() ? project() : null}>
        {(one) => (
          <Suspense>
            <StartRun projectId={one().id} onClose={() => setParams({ start: null }, { replace: true })} />
          </Suspense>
        )}
      </Show>
    </div>
  );
}
