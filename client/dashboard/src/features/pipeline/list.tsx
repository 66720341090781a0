import { useSearchParams } from "@solidjs/router";
import { Show } from "solid-js";
import { createPages } from "../../api/pages.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import type { PipelineStatus } from "../../gql/graphql.ts";
import { Empty } from "../../ui/feedback.tsx";
import { FilterBar } from "../../ui/filters.tsx";
import { Icon } from "../../ui/icons.tsx";
import { LiveList } from "../../ui/live_list.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { MaintainerLink } from "../project/maintainer_link.tsx";
import { PipelinesDocument } from "./data.ts";
import { PipelineRow } from "./pipeline_row.tsx";

const FILTERS: Readonly<Record<string, PipelineStatus[]>> = {
  RUNNING: ["QUEUED", "WAITING", "RUNNING"],
  FAILED: ["FAILED"],
  SUCCESS: ["SUCCESS"],
  CANCELLED: ["CANCELLED", "SKIPPED"],
};

export default function PipelinesPage() {
  const session = useSession();
  const [params, setParams] = useSearchParams<{ status: string; branch: string }>();
  const project = session.project;
  const status = () => FILTERS[params.status ?? ""];
  const branch = () => params.branch || null;
  const pages = createPages(
    PipelinesDocument,
    () => {
      const id = project()?.id;
      return id ? { projectId: id, status: status() ?? null, branch: branch() } : null;
    },
    (data) => data.pipelineExecutions,
  );
  createProjectFeed(() => project()?.id, {
    reload: pages.reload,
    pipeline: (row) =>
      pages.upsert(
        row,
        (status()?.includes(row.status) ?? true) && (branch() === null || row.branch === branch()),
      ),
  });
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "Pipelines" },
  ]);
  return (
    <div class="flex h-full flex-col">
      <PageHeader title="Pipelines" note="Every pipeline run of the project's repositories, live." />
      <div class="flex flex-wrap items-center gap-2 px-3 pb-3 md:px-5">
        <FilterBar
          name="status"
          label="Status"
          choices={[
            { value: "RUNNING", label: "Running" },
            { value: "FAILED", label: "Failed" },
            { value: "SUCCESS", label: "Passed" },
            { value: "CANCELLED", label: "Cancelled" },
          ]}
        />
        <label class="ml-auto flex w-56 items-center gap-2 max-md:ml-1 max-md:w-full">
          <Icon name="branch" class="text-muted" />
          <input
            class="input !min-h-7 !py-0.5"
            placeholder="Any branch"
            aria-label="Branch"
            value={params.branch ?? ""}
            onChange={(event) =>
              setParams({ branch: event.currentTarget.value.trim() || null }, { replace: true })
            }
          />
        </label>
      </div>
      <LiveList
        pages={pages}
        label="Pipelines"
        noun="pipeline"
        empty={
          <Show
            when={!status() && !branch()}
            fallback={<Empty title="No pipeline matches">Choose another filter to see more.</Empty>}
          >
            <Empty
              title="No pipelines yet"
              action={<MaintainerLink tab="integrations">Connect GitHub</MaintainerLink>}
            >
              Once GitHub's webhook points here, each workflow run appears with its jobs and steps while it
              runs.
            </Empty>
          </Show>
        }
      >
        {(pipeline) => <PipelineRow pipeline={pipeline} />}
      </LiveList>
    </div>
  );
}
