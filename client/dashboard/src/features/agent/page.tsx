import { useParams, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, For, Show } from "solid-js";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { useSession } from "../../app/viewer.ts";
import { ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { lookOf } from "../../ui/status.tsx";
import { Inspector } from "./inspector.tsx";
import { LogPane } from "./log_pane.tsx";
import { hasResult, ResultPane } from "./result_pane.tsx";
import { RunHeader } from "./run_header.tsx";
import { createRunState, type RunState } from "./run_state.ts";
import { TreePane } from "./tree_pane.tsx";

export default function RunPage() {
  const params = useParams<{ id: string }>();
  return (
    <Show when={params.id} keyed>
      {(id) => <Run id={id} />}
    </Show>
  );
}

function Run(props: { id: string }) {
  const session = useSession();
  const state = createRunState(() => props.id);
  const run = state.run;
  createEffect(() => {
    const project = run()?.project;
    if (project) session.setProject(project.slug);
  });
  createCrumbs(() => {
    const one = run();
    if (!one) return [{ label: "Run" }];
    const base = `/p/${one.project.slug}`;
    return [
      { label: one.project.name, href: base },
      { label: "Runs", href: `${base}/runs` },
      { label: one.taskDescription || one.agentType },
    ];
  });
  return (
    <Show when={!state.query.data() || run()} fallback={<NotFound what="run" />}>
      <div class={`flex h-full flex-col ${state.rush() ? "rushing" : ""}`}>
        <Show when={state.query.problem()}>
          {(problem) => <ProblemNote problem={problem()} retry={state.query.refetch} />}
        </Show>
        <Show when={state.stream().phase === "denied"}>
          <p role="alert" class="bg-wait-soft px-4 py-2 md:px-6">
            You may no longer see this run. What stands here is what came before.
          </p>
        </Show>
        <Show when={run()} fallback={<SkeletonText lines={12} />}>
          <RunHeader state={state} />
          <End state={state} />
          <Panes state={state} />
        </Show>
      </div>
    </Show>
  );
}

/** Tells a screen reader that the run is over, if it was not when the page opened. */
function End(props: { state: RunState }) {
  const [openedLive] = createSignal(props.state.live());
  const text = () =>
    openedLive() && !props.state.live() ? `Run ${lookOf(props.state.status()).word.toLowerCase()}.` : "";
  return (
    <p class="sr-only" role="status">
      {text()}
    </p>
  );
}

type View = "log" | "result" | "steps" | "details";

/** Three panes side by side; on a narrow screen one at a time. */
function Panes(props: { state: RunState }) {
  const [params, setParams] = useSearchParams<{ view: string; item: string }>();
  const selected = () => params.item ?? null;
  const select = (id: string | null) => setParams({ item: id }, { replace: true, scroll: false });
  // A run that was over when the page opened shows its result; one that is watched stays at its log.
  const [openedLive] = createSignal(props.state.live());
  const fallback = (): View =>
    !openedLive() && hasResult(props.state.run()?.outputData) && !selected() ? "result" : "log";
  const view = (): View =>
    ["log", "result", "steps", "details"].includes(params.view ?? "") ? (params.view as View) : fallback();
  const middle = (): View => (view() === "result" ? "result" : "log");
  const tabs: readonly { view: View; label: string; class: string }[] = [
    { view: "log", label: "Log", class: "" },
    { view: "result", label: "Result", class: "" },
    { view: "steps", label: "Steps", class: "lg:hidden" },
    { view: "details", label: "Details", class: "xl:hidden" },
  ];
  const show = (one: View) => setParams({ view: one }, { replace: true, scroll: false });
  const ready = () =>
    openedLive() && !props.state.live() && hasResult(props.state.run()?.outputData) && view() === "log";
  return (
    <div class="flex min-h-0 flex-1">
      <section
        class={`${view() === "steps" ? "flex" : "hidden"} isolate min-h-0 w-full flex-col border-r border-line bg-panel lg:flex lg:w-[300px] 2xl:w-[376px] lg:shrink-0`}
        aria-label="Steps"
      >
        <Tabs class="lg:hidden" tabs={tabs} view={view()} show={show} />
        <TreePane state={props.state} selected={selected()} onSelect={(id) => select(id)} />
      </section>
      <section
        class={`${view() === "steps" ? "hidden lg:flex" : view() === "details" ? "hidden xl:flex" : "flex"} min-h-0 min-w-0 flex-1 flex-col bg-panel`}
        aria-label="Stream"
      >
        <Tabs tabs={tabs} view={view()} show={show} />
        <Show when={ready()}>
          <div class="flex items-center gap-3 border-b border-line bg-ok-soft px-4 py-1.5" role="status">
            The result is ready.
            <button type="button" class="link font-medium" onClick={() => show("result")}>
              Read it
            </button>
          </div>
        </Show>
        <div class={`${middle() === "log" ? "flex" : "hidden"} min-h-0 flex-1 flex-col`}>
          <LogPane state={props.state} selected={selected()} onSelect={select} />
        </div>
        <Show when={middle() === "result"}>
          <ResultPane state={props.state} />
        </Show>
      </section>
      <section
        class={`${view() === "details" ? "flex" : "hidden"} isolate min-h-0 w-full flex-col border-l border-line bg-panel xl:flex xl:w-[300px] 2xl:w-[320px] xl:shrink-0`}
        aria-label="Inspector"
      >
        <Tabs class="xl:hidden" tabs={tabs} view={view()} show={show} />
        <Inspector state={props.state} selected={selected()} onClose={() => select(null)} />
      </section>
    </div>
  );
}

function Tabs(props: {
  tabs: readonly { view: View; label: string; class: string }[];
  view: View;
  show: (view: View) => void;
  class?: string;
}) {
  return (
    <nav
      class={`flex shrink-0 gap-5 border-b border-line px-4 ${props.class ?? ""}`}
      aria-label="Views of the run"
    >
      <For each={props.tabs}>
        {(tab) => (
          <button
            type="button"
            class={`tab ${tab.class}`}
            aria-pressed={props.view === tab.view}
            onClick={() => props.show(tab.view)}
          >
            {tab.label}
          </button>
        )}
      </For>
    </nav>
  );
}
