import { useParams } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { useSession } from "../../app/viewer.ts";
import { Empty } from "../../ui/feedback.tsx";
import { PageHeader, TabLinks } from "../../ui/page.tsx";
import { AuditList } from "../audit/list.tsx";
import { Passwords } from "./passwords.tsx";
import { People } from "./people.tsx";

const TABS: Readonly<Record<string, string>> = { people: "People", passwords: "Passwords" };

/** What is about the whole installation. For administrators. */
export default function AdminPage() {
  const params = useParams<{ tab: string }>();
  const session = useSession();
  createCrumbs(() => [
    { label: "Installation", href: params.tab ? "/admin" : undefined },
    ...(params.tab ? [{ label: TABS[params.tab] ?? "Not found" }] : []),
  ]);
  return (
    <Show
      when={session.viewer().isAdmin}
      fallback={
        <Empty title="This is for administrators">
          Whoever runs Shiplog looks after accounts and the log of the whole installation here.
        </Empty>
      }
    >
      <div class="flex h-full flex-col">
        <PageHeader title="Installation" note="Accounts and the audit log of everything that runs here." />
        <TabLinks
          label="Installation"
          tabs={[
            { href: "/admin", label: "Audit log" },
            ...Object.entries(TABS).map(([tab, label]) => ({ href: `/admin/${tab}`, label })),
          ]}
        />
        <Switch fallback={<NotFound />}>
          <Match when={!params.tab}>
            <div class="flex min-h-0 flex-1 flex-col pt-4">
              <AuditList projectId={null} denied="The log of the installation is for administrators." />
            </div>
          </Match>
          <Match when={params.tab === "people"}>
            <People />
          </Match>
          <Match when={params.tab === "passwords"}>
            <Passwords />
          </Match>
        </Switch>
      </div>
    </Show>
  );
}
