import { A, useLocation, useNavigate } from "@solidjs/router";
import { createRoot, createSignal, For, Show } from "solid-js";
import { Icon, type IconName } from "../ui/icons.tsx";
import { LazyMenu } from "../ui/lazy_menu.tsx";
import { Pill } from "../ui/status.tsx";
import { hasRole, useSession } from "./viewer.ts";

interface Entry {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  /** Addresses of details that belong to this entry. */
  readonly also?: RegExp;
}

const FOLDED = "shiplog.rail";
const [folded, setFolded] = createRoot(() => createSignal(localStorage.getItem(FOLDED) === "folded"));

function fold(value: boolean): void {
  localStorage.setItem(FOLDED, value ? "folded" : "open");
  setFolded(value);
}

/** A word beside an icon: on a wide screen a folded rail keeps it for screen readers and on hover only. */
function word(): string {
  return folded() ? "truncate md:sr-only" : "truncate";
}

function RailLink(props: Entry) {
  const location = useLocation();
  const active = () =>
    location.pathname === props.href ||
    (props.href !== "/" &&
      location.pathname.startsWith(`${props.href}/`) &&
      !/^\/p\/[^/]+$/.test(props.href)) ||
    Boolean(props.also?.test(location.pathname));
  return (
    <A
      href={props.href}
      end
      aria-current={active() ? "page" : undefined}
      title={folded() ? props.label : undefined}
      class={`flex h-8 items-center gap-2.5 rounded-md px-2 font-medium ${active() ? "bg-raised text-text" : "text-muted hover:bg-hover hover:text-text"}`}
    >
      <Icon name={props.icon} class={active() ? "text-accent-text" : ""} />
      <span class={word()}>{props.label}</span>
    </A>
  );
}

/** Left: where everything is. On a narrow screen it slides over the page. */
export function Rail(props: { open: boolean; onClose: () => void }) {
  const session = useSession();
  const base = () => `/p/${session.project()?.slug ?? ""}`;
  const entries = (): Entry[] => [
    { href: `${base()}/runs`, icon: "run", label: "Runs", also: /^\/runs\// },
    { href: `${base()}/pipelines`, icon: "pipeline", label: "Pipelines", also: /^\/pipelines\// },
    { href: `${base()}/deployments`, icon: "deploy", label: "Deployments" },
    { href: `${base()}/activity`, icon: "activity", label: "AI activity", also: /^\/activity\// },
    ...(hasRole(session.project(), "maintainer")
      ? [
          {
            href: `${base()}/deliveries`,
            icon: "inbox",
            label: "Deliveries",
            also: /^\/deliveries\//,
          } as const,
        ]
      : []),
    ...(hasRole(session.project(), "owner")
      ? [{ href: `${base()}/audit`, icon: "audit", label: "Audit log" } as const]
      : []),
    { href: `${base()}/settings`, icon: "settings", label: "Settings" },
  ];
  return (
    <>
      <Show when={props.open}>
        <button
          type="button"
          class="fixed inset-0 z-30 bg-scrim md:hidden"
          aria-label="Close navigation"
          onClick={props.onClose}
        />
      </Show>
      <aside
        class={`${props.open ? "flex" : "hidden"} fixed inset-y-0 left-0 isolate z-40 w-[232px] shrink-0 flex-col border-r border-line bg-panel md:static md:flex ${folded() ? "md:w-12" : "md:w-[216px]"}`}
        aria-label="Navigation"
      >
        <A
          href="/"
          class={`flex h-12 shrink-0 items-center gap-2 px-4 font-semibold ${folded() ? "md:px-3.5" : ""}`}
        >
          <img src="/favicon.svg" alt="" class="size-5" />
          <span class={word()}>Shiplog</span>
        </A>
        <nav class="flex flex-1 flex-col gap-0.5 overflow-auto px-2 py-2" aria-label="Pages">
          <RailLink href="/" icon="overview" label="Overview" />
          <RailLink href="/projects" icon="projects" label="Projects" />
          <Show when={session.viewer().isAdmin}>
            <RailLink href="/admin" icon="admin" label="Installation" />
          </Show>
          <Show when={session.project()}>
            <ProjectSwitch />
            <For each={entries()}>{(entry) => <RailLink {...entry} />}</For>
          </Show>
        </nav>
        <nav class="flex flex-col gap-0.5 border-t border-line px-2 py-2" aria-label="For developers">
          <RailFile href="/graphql" icon="graph" label="GraphiQL" />
          <RailFile href="/api/docs" icon="book" label="API reference" />
          <button
            type="button"
            class="flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-text max-md:hidden"
            aria-expanded={!folded()}
            title={folded() ? "Unfold navigation" : undefined}
            onClick={() => fold(!folded())}
          >
            <Icon name="chevron" class={folded() ? "" : "rotate-180"} />
            <span class={word()}>{folded() ? "Unfold navigation" : "Fold navigation"}</span>
          </button>
        </nav>
      </aside>
    </>
  );
}

function RailFile(props: Entry) {
  return (
    <a
      href={props.href}
      target="_blank"
      rel="external noopener"
      title={folded() ? props.label : undefined}
      class="flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-text"
    >
      <Icon name={props.icon} />
      <span class={word()}>{props.label}</span>
      <Icon name="external" class={`ml-auto ${folded() ? "md:hidden" : ""}`} size={13} />
    </a>
  );
}

/** The switcher keeps the kind of page: runs of one project become runs of the other. */
function ProjectSwitch() {
  const session = useSession();
  const navigate = useNavigate();
  const location = useLocation();
  const go = (slug: string) => {
    const rest = /^\/p\/[^/]+(\/[^/]+)?/.exec(location.pathname)?.[1] ?? "";
    session.setProject(slug);
    navigate(`/p/${slug}${rest}`);
  };
  return (
    <div class={`mt-4 mb-1 flex items-center gap-1 ${folded() ? "md:hidden" : ""}`}>
      <LazyMenu
        label="Switch project"
        class="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left text-xs font-semibold text-text hover:bg-hover"
        items={session.viewer().projects.map((project) => ({
          label: project.name,
          hint: project.isDemo ? "demo" : undefined,
          checked: project.slug === session.project()?.slug,
          onSelect: () => go(project.slug),
        }))}
      >
        <span class="min-w-0 truncate">{session.project()?.name}</span>
        <Show when={session.project()?.isDemo}>
          <Pill tone="wait">demo</Pill>
        </Show>
        <Icon name="down" class="ml-auto text-muted" size={14} />
      </LazyMenu>
      <A
        href={`/p/${session.project()?.slug}`}
        class="btn btn-quiet btn-icon !h-7 !w-7"
        aria-label="Project summary"
        title="Project summary"
      >
        <Icon name="chevron" size={14} />
      </A>
    </div>
  );
}
