import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import { PageHeader } from "../../ui/page.tsx";
import { AuditList } from "./list.tsx";

/** Who attempted to change what in a project. For its owners. */
export default function ProjectAudit() {
  const { project } = useSession();
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "Audit log" },
  ]);
  return (
    <div class="flex h-full flex-col">
      <PageHeader
        title="Audit log"
        note="Every attempt to change something in this project. Entries cannot be changed; retention removes them."
      />
      <AuditList
        projectId={project()?.id}
        denied="The audit log is for owners of the project. Ask one of them for the role."
      />
    </div>
  );
}
