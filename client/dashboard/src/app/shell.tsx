import { type RouteSectionProps, useLocation, useNavigate } from "@solidjs/router";
import {
  createEffect,
  createSignal,
  ErrorBoundary,
  type JSX,
  lazy,
  on,
  onCleanup,
  Show,
  Suspense,
} from "solid-js";
import { createQuery, type Query } from "../api/query.ts";
import { markSignedIn, onSessionLost, renewOrEnd } from "../api/session.ts";
import type { AddressedProjectQuery } from "../gql/graphql.ts";
import { ProblemNote, SkeletonRows } from "../ui/feedback.tsx";
import { createAddressedProject } from "./addressed_project.ts";
import NotFound from "./not_found.tsx";
import { Rail } from "./rail.tsx";
import { Topbar } from "./topbar.tsx";
import { SessionContext, type Viewer, ViewerDocument } from "./viewer.ts";

/** Between two tries when the session can be neither used nor renewed, as while the server starts. */
const ASK_AGAIN_MS = 3_000;
const Palette = lazy(() => import("./palette.tsx"));

/** The frame of every page but login: rail, top bar, and the session that pages ask. */
export function Shell(props: RouteSectionProps) {
  const navigate = useNavigate();
  const location = useLocation();
  const query = createQuery(ViewerDocument, () => ({}));
  const viewer = () => query.data()?.viewer ?? null;
  const { project, setProject, unknown } = createAddressedProject(viewer);
  const [railOpen, setRailOpen] = createSignal(false);
  const [palette, setPalette] = createSignal(false);

  // A page of its own: what was read for one person is not in memory when another logs in.
  let readForSomebody = false;
  onCleanup(() => readForSomebody && window.location.reload());
  const toLogin = (sessionEnded: boolean) => {
    const address = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    if (!readForSomebody) return navigate(address, { replace: true, state: { sessionEnded } });
    history.replaceState({ ...history.state, sessionEnded }, "", address);
    window.location.reload();
  };
  onCleanup(onSessionLost(toLogin));
  let again: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(again));
  createEffect(() => {
    // Whoever comes back from a provider is signed in without a form of ours.
    if (viewer()) {
      readForSomebody = true;
      markSignedIn();
    }
    if (query.data() && !viewer() && !query.loading())
      void renewOrEnd().then((renewed) => {
        again = setTimeout(query.refetch, renewed ? 0 : ASK_AGAIN_MS);
      });
  });

  createEffect(
    on(
      () => location.pathname,
      () => setRailOpen(false),
    ),
  );

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
        value={{
          viewer: () => viewer() as Viewer,
          project,
          setProject,
          reload: query.refetch,
        }}
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
              <Page unknown={unknown()}>{props.children}</Page>
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

/** The page of the address, or what stands for it. */
function Page(props: { unknown: Query<AddressedProjectQuery> | null; children: JSX.Element }) {
  return (
    <ErrorBoundary fallback={(error: Error, reset) => <Broken error={error} reset={reset} />}>
      <Suspense fallback={<SkeletonRows />}>
        <Show when={props.unknown} fallback={props.children}>
          {(query) => <NoProject query={query()} />}
        </Show>
      </Suspense>
    </ErrorBoundary>
  );
}

function NoProject(props: { query: Query<AddressedProjectQuery> }) {
  return (
    <Show when={!props.query.data()} fallback={<NotFound what="project" />}>
      <Show when={props.query.problem()} fallback={<SkeletonRows />}>
        {(problem) => <ProblemNote problem={problem()} retry={props.query.refetch} />}
      </Show>
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
      <div class="flex-1">
        <div class="h-12 border-b border-line bg-panel" />
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
