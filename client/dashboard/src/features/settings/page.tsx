import { useParams } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { hasRole, useSession } from "../../app/viewer.ts";
import type { ProjectSettingsQuery } from "../../gql/graphql.ts";
import { Empty, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { PageHeader, TabLinks } from "../../ui/page.tsx";
import { DemoNote } from "../project/demo_note.tsx";
import { SettingsDocument } from "./data.ts";
import { General } from "./general.tsx";
import { Integrations } from "./integrations.tsx";
import { Keys } from "./keys.tsx";
import { Members } from "./members.tsx";
import { Retention } from "./retention.tsx";
import { Workspaces } from "./workspaces.tsx";

export type SettingsProject = NonNullable<ProjectSettingsQuery["project"]>;
export interface TabProps {
  readonly project: SettingsProject;
  /** Reads the settings again after a change. */
  readonly changed: () => void;
}

const TITLES: Readonly<Record<string, string>> = {
  members: "Members",
  integrations: "Integrations",
  keys: "API keys",
  retention: "Retention",
  workspaces: "Workspaces",
};

export default function SettingsPage() {
  const params = useParams<{ slug: string; tab: string }>();
  const session = useSession();
  const query = createQuery(SettingsDocument, () => ({ slug: params.slug }));
  const project = () => query.data()?.project;
  createCrumbs(() => [
    { label: project()?.name ?? params.slug, href: `/p/${params.slug}` },
    { label: "Settings", href: params.tab ? `/p/${params.slug}/settings` : undefined },
    ...(params.tab ? [{ label: TITLES[params.tab] ?? params.tab }] : []),
  ]);
  const mayMaintain = () => hasRole(project() ?? null, "maintainer");
  const base = () => `/p/${params.slug}/settings`;
  const tabs = () => [
    { href: base(), label: "General" },
    { href: `${base()}/members`, label: "Members", count: project()?.members.length },
    ...(mayMaintain()
      ? [
          { href: `${base()}/integrations`, label: "Integrations", count: project()?.integrations?.length },
          {
            href: `${base()}/keys`,
            label: "API keys",
            count: project()?.apiKeys?.filter((key) => !key.revokedAt).length,
          },
        ]
      : []),
    { href: `${base()}/retention`, label: "Retention" },
    ...(session.viewer().isAdmin
      ? [{ href: `${base()}/workspaces`, label: "Workspaces", count: project()?.workspaces.length }]
      : []),
  ];
  return (
    <Show when={!query.data() || project()} fallback={<NotFound what="project" />}>
      <PageHeader title="Settings" note={project()?.name} />
      <Show when={project()?.isDemo ? project() : undefined}>{(demo) => <DemoNote project={demo()} />}</Show>
      <TabLinks label="Settings" tabs={tabs()} />
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={project()} fallback={<SkeletonText lines={8} />}>
        {(one) => (
          <div class="flex max-w-[880px] flex-col gap-6 px-4 py-6 md:px-6">
            <Switch fallback={<NotFound />}>
              <Match when={["integrations", "keys"].includes(params.tab ?? "") && !mayMaintain()}>
                <Empty title={`${TITLES[params.tab ?? ""]} are for maintainers`}>
                  Ask an owner of the project for the role.
                </Empty>
              </Match>
              <Match when={params.tab === "workspaces" && !session.viewer().isAdmin}>
                <Empty title="Workspaces are for administrators">
                  Whoever runs Shiplog chooses which folders of the server agents may read.
                </Empty>
              </Match>
              <Match when={!params.tab}>
                <General project={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "members"}>
                <Members project={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "integrations"}>
                <Integrations project={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "keys"}>
                <Keys project={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "retention"}>
                <Retention project={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "workspaces"}>
                <Workspaces
                  project={one()}
                  all={query.data()?.workspaces.map((one) => one.path) ?? []}
                  changed={query.refetch}
                />
              </Match>
            </Switch>
          </div>
        )}
      </Show>
    </Show>
  );
}
