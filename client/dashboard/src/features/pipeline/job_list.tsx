import { For, Show } from "solid-js";
import type { PipelineJobDetailFragment } from "../../gql/graphql.ts";
import { duration } from "../../ui/format.ts";
import { StatusIcon } from "../../ui/status.tsx";
import { Elapsed, now } from "../../ui/time.tsx";

export type Job = PipelineJobDetailFragment;

/** How far a running job is against its median, 0-100; null without one. */
function progress(job: Job): number | null {
  if (job.status !== "RUNNING" || !job.startedAt || !job.medianDurationMs) return null;
  return Math.min(100, ((now() - Date.parse(job.startedAt)) / job.medianDurationMs) * 100);
}

/** The jobs of a run, each with its live duration against its median. */
export function JobList(props: {
  jobs: readonly Job[];
  open: string | undefined;
  onOpen: (id: string) => void;
}) {
  return (
    <ul aria-label="Jobs" class="flex flex-col p-2">
      <For each={props.jobs}>
        {(job) => (
          <li>
            <button
              type="button"
              class={`flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left ${props.open === job.id ? "bg-selected" : "hover:bg-hover"}`}
              aria-current={props.open === job.id ? "true" : undefined}
              onClick={() => props.onOpen(job.id)}
            >
              <StatusIcon status={job.status} label />
              <span class="min-w-0 flex-1">
                <span class="block truncate font-medium" title={job.name}>
                  {job.name}
                </span>
                <Show when={progress(job) !== null}>
                  <span class="mt-1 block h-1 overflow-hidden rounded-full bg-raised" aria-hidden="true">
                    <span class="block h-full rounded-full bg-run" style={{ width: `${progress(job)}%` }} />
                  </span>
                </Show>
              </span>
              <span class="text-right text-xs text-muted">
                <Elapsed from={job.startedAt} to={job.completedAt} class="block" />
                <Show when={job.medianDurationMs}>
                  {(median) => <span class="block">median {duration(median())}</span>}
                </Show>
              </span>
            </button>
          </li>
        )}
      </For>
    </ul>
  );
}
