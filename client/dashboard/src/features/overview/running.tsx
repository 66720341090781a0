import { A } from "@solidjs/router";
import { For, Match, Switch } from "solid-js";
import type { OverviewQuery } from "../../gql/graphql.ts";
import { StatusIcon } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { LastLine } from "./last_line.tsx";

type Item = OverviewQuery["overview"]["running"][number];

/** What runs now, with its time ticking and its last line. */
export function Running(props: { items: readonly Item[] }) {
  return (
    <For
      each={props.items}
      fallback={
        <p class="px-4 py-6 text-muted">
          Nothing runs right now. Runs and pipelines appear here the moment they start.
        </p>
      }
    >
      {(item) => (
        <Switch>
          <Match when={item.__typename === "AgentExecution" && item}>
            {(run) => (
              <A href={`/runs/${run().id}`} class="row min-h-14 py-2 last:border-b-0">
                <StatusIcon status={run().runStatus} label />
                <span class="min-w-0 flex-1">
                  <span class="block truncate font-medium">{run().taskDescription || run().agentType}</span>
                  <span class="block h-5 truncate text-muted">
                    <LastLine id={run().id} initial={run().lastLine} />
                  </span>
                </span>
                <Where name={run().project.name} kind={run().agentType} />
                <Elapsed from={run().startedAt ?? run().createdAt} to={null} class="w-20 text-right" />
              </A>
            )}
          </Match>
          <Match when={item.__typename === "PipelineExecution" && item}>
            {(pipeline) => (
              <A href={`/pipelines/${pipeline().id}`} class="row min-h-14 py-2 last:border-b-0">
                <StatusIcon status={pipeline().pipelineStatus} label />
                <span class="min-w-0 flex-1">
                  <span class="block truncate font-medium">
                    {pipeline().title ?? pipeline().pipelineName}
                  </span>
                  <span class="block truncate text-muted">
                    {pipeline().pipelineName} on {pipeline().branch ?? "a detached commit"}
                  </span>
                </span>
                <Where name={pipeline().project.name} kind="pipeline" />
                <Elapsed
                  from={pipeline().startedAt ?? pipeline().createdAt}
                  to={null}
                  class="w-20 text-right"
                />
              </A>
            )}
          </Match>
        </Switch>
      )}
    </For>
  );
}

function Where(props: { name: string; kind: string }) {
  return (
    <span class="max-w-36 text-right text-xs text-muted max-md:hidden">
      <span class="block truncate">{props.kind}</span>
      <span class="block truncate">{props.name}</span>
    </span>
  );
}
