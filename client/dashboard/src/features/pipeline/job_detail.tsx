import { createEffect, For, on, Show } from "solid-js";
import { Icon } from "../../ui/icons.tsx";
import { Status, StatusIcon } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { webUrl } from "./deployment_row.tsx";
import type { Job } from "./job_list.tsx";

/** The steps of a job, with the failing one in view. */
export function JobDetail(props: { job: Job }) {
  let list: HTMLOListElement | undefined;
  createEffect(
    on(
      () => props.job.id,
      () =>
        requestAnimationFrame(() =>
          list?.querySelector("[data-status=FAILED]")?.scrollIntoView({ block: "nearest" }),
        ),
    ),
  );
  return (
    <section aria-label={`Job ${props.job.name}`} class="min-w-0">
      <div class="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5">
        <h2 class="min-w-0 truncate font-semibold">{props.job.name}</h2>
        <Status status={props.job.status} />
        <Elapsed from={props.job.startedAt} to={props.job.completedAt} class="text-muted" />
        <span class="text-muted">
          {props.job.runnerName ?? "no runner yet"}
          <Show when={props.job.labels.length > 0}> ({props.job.labels.join(", ")})</Show>
        </span>
        <Show when={webUrl(props.job.url)}>
          {(url) => (
            <a
              href={url()}
              target="_blank"
              rel="noopener noreferrer"
              class="link ml-auto inline-flex items-center gap-1"
            >
              Log <Icon name="external" size={12} />
            </a>
          )}
        </Show>
      </div>
      <Show
        when={props.job.steps.length > 0}
        fallback={
          <p class="p-4 text-muted">
            {props.job.status === "SKIPPED"
              ? "This job was skipped."
              : "Steps appear when a runner takes the job."}
          </p>
        }
      >
        <ol ref={list} class="p-2">
          <For each={props.job.steps}>
            {(step) => (
              <li
                data-status={step.status}
                class={`flex min-h-9 items-center gap-3 rounded-md px-2 ${step.status === "FAILED" ? "bg-fail-soft" : ""}`}
              >
                <StatusIcon status={step.status} label />
                <span class="w-5 text-right text-xs text-faint">{step.number}</span>
                <span
                  class={`min-w-0 flex-1 truncate ${step.status === "FAILED" ? "font-medium" : ""}`}
                  title={step.name}
                >
                  {step.name}
                </span>
                <Show when={step.status === "FAILED" && step.rawConclusion}>
                  <span class="text-xs text-fail">{step.rawConclusion}</span>
                </Show>
                <Elapsed from={step.startedAt} to={step.completedAt} class="text-xs text-muted" />
              </li>
            )}
          </For>
        </ol>
      </Show>
    </section>
  );
}
