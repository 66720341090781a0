import { type RouteSectionProps, useLocation, useNavigate } from "@solidjs/router";
import {
  createEffect,
  createMemo,
  createSignal,
  ErrorBoundary,
  lazy,
  on,
  onCleanup,
  Show,
  Suspense,
} from "solid-js";
import { createQuery } from "../api/query.ts";
import { onSessionLost, renewOrEnd } from "../api/session.ts";
import { ProblemNote, SkeletonRows } from "../ui/feedback.tsx";
import { Rail } from "./rail.tsx";
import { Topbar } from "./topbar.tsx";
import { SessionContext, type Viewer, ViewerDocument } from "./viewer.ts";

const Palette = lazy(() => import("./palette.tsx"));

/** The frame of every page but login: rail, top bar, and the session that pages ask. */
export function Shell(props: RouteSectionProps) {
  const navigate = useNavigate();
  const location = useLocation();
  const query = createQuery(ViewerDocument, () => ({}));
  const viewer = () => query.data()?.viewer ?? null;
  const [lastSlug, setLastSlug] = createSignal(localStorage.getItem("shiplog.project"));
  const [railOpen, setRailOpen] = createSignal(false);
  const [palette, setPalette] = createSignal(false);

  const toLogin = () =>
    navigate(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  onCleanup(onSessionLost(toLogin));
  createEffect(() => {
    if (query.data() && !viewer() && !query.loading())
      void renewOrEnd().then((renewed) => renewed && query.refetch());
  });

  const setProject = (slug: string) => {
    localStorage.setItem("shiplog.project", slug);
    setLastSlug(slug);
  };
  createEffect(() => {
    const slug = /^\/p\/([^/]+)/.exec(location.pathname)?.[1];
    if (slug) setProject(slug);
    setRailOpen(false);
  });
  const project = createMemo(() => {
    const projects = viewer()?.projects ?? [];
    return projects.find((one) => one.slug === lastSlug()) ?? projects[0] ?? null;
  });

  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") setRailOpen(false);
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      setPalette((open) => !open);
    }
  };
  document.addEventListener("keydown", onKey);
  onCleanup(() => document.removeEventListener("keydown", onKey));

  return (
    <Show when={viewer()} fallback={<Boot problem={query.problem()} retry={query.refetch} />}>
      <SessionContext.Provider
        value={{ viewer: () => viewer() as Viewer, project, setProject, reload: query.refetch }}
      >
        <a
          href="#main"
          class="btn sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50"
        >
          Skip to content
        </a>
        <div class="flex h-full">
          <Rail open={railOpen()} onClose={() => setRailOpen(false)} />
          <div class="flex min-w-0 flex-1 flex-col">
            <Topbar onMenu={() => setRailOpen(true)} onSearch={() => setPalette(true)} />
            <main id="main" tabindex="-1" class="min-h-0 flex-1 overflow-auto outline-none">
              <ErrorBoundary fallback={(error: Error, reset) => <Broken error={error} reset={reset} />}>
                <Suspense fallback={<SkeletonRows />}>{props.children}</Suspense>
              </ErrorBoundary>
            </main>
          </div>
        </div>
        <section id="menus" aria-label="Open menu" />
        <Show when={palette()}>
          <Suspense>
            <Palette onClose={() => setPalette(false)} />
          </Suspense>
        </Show>
      </SessionContext.Provider>
    </Show>
  );
}

function Boot(props: {
  problem: Parameters<typeof ProblemNote>[0]["problem"] | undefined;
  retry: () => void;
}) {
  return (
    <main class="flex h-full">
      <div class="hidden w-[216px] border-r border-line bg-panel md:block" />
      <div class="flex-1 pt-12">
        <Show
          when={props.problem && props.problem.code !== "UNAUTHENTICATED" ? props.problem : undefined}
          fallback={<SkeletonRows />}
        >
          {(problem) => <ProblemNote problem={problem()} retry={props.retry} />}
        </Show>
      </div>
    </main>
  );
}

function Broken(props: { error: Error; reset: () => void }) {
  const page = useLocation();
  console.error(props.error);
  // Another page is another try.
  createEffect(on(() => page.pathname, props.reset, { defer: true }));
  return (
    <ProblemNote
      problem={{
        message: /dynamically imported|module script/i.test(props.error.message)
          ? "The code of this page could not be loaded. Nothing was changed; try again when the server answers."
          : `This page broke: ${props.error.message}. Nothing was changed; reload to go on.`,
        code: "CLIENT",
        correlationId: null,
      }}
      retry={() => location.reload()}
    />
  );
}
