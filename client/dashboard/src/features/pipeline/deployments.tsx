import { createPages } from "../../api/pages.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import { Empty } from "../../ui/feedback.tsx";
import { LiveList } from "../../ui/live_list.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { MaintainerLink } from "../project/maintainer_link.tsx";
import { DeploymentsDocument } from "./data.ts";
import { DeploymentRow } from "./deployment_row.tsx";

export default function DeploymentsPage() {
  const { project } = useSession();
  const pages = createPages(
    DeploymentsDocument,
    () => {
      const id = project()?.id;
      return id ? { projectId: id } : null;
    },
    (data) => data.deployments,
  );
  createProjectFeed(() => project()?.id, {
    reload: pages.reload,
    deployment: (row) => pages.upsert(row, true),
  });
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "Deployments" },
  ]);
  return (
    <div class="flex h-full flex-col">
      <PageHeader title="Deployments" note="What went where, and when." />
      <LiveList
        pages={pages}
        label="Deployments"
        noun="deployment"
        empty={
          <Empty
            title="No deployments yet"
            action={<MaintainerLink tab="integrations">Connect GitHub</MaintainerLink>}
          >
            GitHub's <code>deployment</code> and <code>deployment_status</code> events fill this page. Let the
            webhook send them.
          </Empty>
        }
      >
        {(deployment) => <DeploymentRow deployment={deployment} />}
      </LiveList>
    </div>
  );
}
