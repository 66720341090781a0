import { useSearchParams } from "@solidjs/router";
import { Show } from "solid-js";
import { createPages } from "../../api/pages.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import { Empty } from "../../ui/feedback.tsx";
import { FilterBar } from "../../ui/filters.tsx";
import { LiveList } from "../../ui/live_list.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { MaintainerLink } from "../project/maintainer_link.tsx";
import { ActivitiesDocument } from "./data.ts";
import { ActivityRow } from "./row.tsx";
import { TOOLS, toolName } from "./tools.ts";

export default function ActivitiesPage() {
  const { project } = useSession();
  const [params] = useSearchParams<{ tool: string }>();
  const pages = createPages(
    ActivitiesDocument,
    () => {
      const id = project()?.id;
      return id ? { projectId: id, tool: params.tool || null } : null;
    },
    (data) => data.aiActivities,
  );
  createProjectFeed(() => project()?.id, {
    reload: pages.reload,
    activities: (rows) => {
      for (const row of [...rows].reverse()) pages.upsert(row, !params.tool || row.tool === params.tool);
    },
  });
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "AI activity" },
  ]);
  return (
    <div class="flex h-full flex-col">
      <PageHeader
        title="AI activity"
        note="Prompts and answers of people and their AI tools, with tokens and cost."
      />
      <div class="px-3 pb-3 md:px-5">
        <FilterBar
          name="tool"
          label="Tool"
          choices={Object.entries(TOOLS).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <LiveList
        pages={pages}
        label="AI activity"
        noun="activity"
        many="activities"
        empty={
          <Show
            when={!params.tool}
            fallback={
              <Empty title={`No activity of ${toolName(params.tool ?? "")}`}>
                Choose another tool to see more.
              </Empty>
            }
          >
            <Empty
              title="No AI activity yet"
              action={<MaintainerLink tab="keys">Create an API key</MaintainerLink>}
            >
              Tools record what they did with the mutation <code>recordAIActivity</code> and a key of the
              scope <code>activity:write</code>.
            </Empty>
          </Show>
        }
      >
        {(activity) => <ActivityRow activity={activity} />}
      </LiveList>
    </div>
  );
}
