import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import type { OverviewQuery } from "../../gql/graphql.ts";
import { StatusIcon } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";

type Item = OverviewQuery["overview"]["failures"][number];

interface Line {
  readonly href: string;
  readonly title: string;
  readonly reason: string;
}

function lineOf(item: Item): Line {
  switch (item.__typename) {
    case "AgentExecution":
      return {
        href: `/runs/${item.id}`,
        title: item.taskDescription || item.agentType,
        reason: item.errorMessage ?? "It ended without saying why.",
      };
    case "PipelineExecution":
      return {
        href: `/pipelines/${item.id}`,
        title: item.title ?? item.pipelineName,
        reason: item.failureReason ?? `${item.pipelineName} failed`,
      };
    case "Deployment":
      return {
        href: item.pipeline ? `/pipelines/${item.pipeline.id}` : `/p/${item.project.slug}/deployments`,
        title: item.description ?? item.deploymentRef ?? "Deployment",
        reason: `Deployment to ${item.environment.name} failed`,
      };
  }
}

/** The newest failures of seven days, each with its reason in one line. */
export function Broke(props: { items: readonly Item[] }) {
  return (
    <For
      each={props.items}
      fallback={<p class="px-4 py-6 text-muted">Nothing failed in the last seven days.</p>}
    >
      {(item) => {
        const line = () => lineOf(item);
        return (
          <A href={line().href} class="row min-h-14 py-2 last:border-b-0">
            <StatusIcon status="FAILED" label />
            <span class="min-w-0 flex-1">
              <span class="block truncate font-medium">{line().title}</span>
              <span class="block truncate text-fail" title={line().reason}>
                {line().reason}
              </span>
            </span>
            <Show when={item.completedAt ?? item.createdAt}>
              {(at) => <RelTime at={at()} class="text-muted" />}
            </Show>
          </A>
        );
      }}
    </For>
  );
}
