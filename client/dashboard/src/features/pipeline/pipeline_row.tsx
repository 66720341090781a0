import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { PipelineRowFragment } from "../../gql/graphql.ts";
import { Icon } from "../../ui/icons.tsx";
import { Status } from "../../ui/status.tsx";
import { Elapsed, RelTime } from "../../ui/time.tsx";

/** One pipeline run in a list. */
export function PipelineRow(props: { pipeline: PipelineRowFragment }) {
  const one = () => props.pipeline;
  return (
    <A href={`/pipelines/${one().id}`} class="row">
      <Status status={one().status} class="w-28 shrink-0 max-md:w-auto max-md:[&>span]:sr-only" />
      <span class="flex min-w-0 flex-1 items-baseline gap-3">
        <span
          class={`min-w-0 shrink-0 truncate font-medium ${one().failureReason ? "max-w-[55%] max-md:max-w-full" : "max-w-full"}`}
        >
          {one().title ?? one().pipelineName}
        </span>
        <Show when={one().failureReason}>
          {(reason) => (
            <span class="min-w-0 flex-1 truncate text-fail max-md:hidden" title={reason()}>
              {reason()}
            </span>
          )}
        </Show>
      </span>
      <span
        class="flex w-40 shrink-0 gap-1 text-muted max-lg:hidden"
        title={`${one().pipelineName}${one().attempt > 1 ? `, attempt ${one().attempt}` : ""}`}
      >
        <span class="truncate">{one().pipelineName}</span>
        <span class="shrink-0">
          <Show when={one().runNumber}>#{one().runNumber}</Show>
          <Show when={one().attempt > 1}> ({one().attempt})</Show>
        </span>
      </span>
      <span class="flex w-36 shrink-0 items-center gap-1.5 text-muted max-lg:hidden">
        <Show when={one().branch}>
          <Icon name="branch" size={14} />
          <span class="truncate">{one().branch}</span>
        </Show>
      </span>
      <code class="w-16 shrink-0 text-xs text-muted max-xl:hidden">{one().commitSha?.slice(0, 7)}</code>
      <span class="w-28 shrink-0 truncate text-muted max-xl:hidden">{one().triggeredBy}</span>
      <Elapsed class="w-20 shrink-0 text-right max-md:w-auto" from={one().startedAt} to={one().completedAt} />
      <RelTime at={one().createdAt} class="w-24 shrink-0 text-right text-muted max-md:hidden" />
    </A>
  );
}
