import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { PipelineQuery } from "../../gql/graphql.ts";
import { CopyId } from "../../ui/copy.tsx";
import { Icon, type IconName } from "../../ui/icons.tsx";
import { lookOf, StatusBadge, StatusIcon } from "../../ui/status.tsx";
import { Elapsed, RelTime } from "../../ui/time.tsx";
import { webUrl } from "./deployment_row.tsx";

export type PipelineDetail = NonNullable<PipelineQuery["pipelineExecution"]>;

function Fact(props: { icon: IconName; label: string; children: JSX.Element }) {
  return (
    <div class="flex min-w-0 items-center gap-1.5">
      <dt>
        <Icon name={props.icon} size={14} class="text-muted" />
        <span class="sr-only">{props.label}</span>
      </dt>
      <dd class="min-w-0 truncate">{props.children}</dd>
    </div>
  );
}

/** What was built, for whom, and how it stands. */
export function PipelineHeader(props: { pipeline: PipelineDetail }) {
  const one = () => props.pipeline;
  return (
    <header class="flex flex-col gap-2 border-b border-line bg-panel px-4 py-3 md:px-6">
      <div class="flex flex-wrap items-start gap-x-3 gap-y-2">
        <StatusBadge status={one().status} />
        <h1 class="min-w-0 flex-1 basis-60 text-base leading-6 font-semibold [overflow-wrap:anywhere] max-md:order-last max-md:basis-full">
          {one().title ?? one().commit?.subject ?? one().pipelineName}
        </h1>
        <Show when={webUrl(one().url)}>
          {(url) => (
            <a href={url()} target="_blank" rel="noopener noreferrer" class="btn ml-auto">
              Open in {one().provider === "github" ? "GitHub" : one().provider}{" "}
              <Icon name="external" size={13} />
            </a>
          )}
        </Show>
      </div>
      <dl class="flex flex-wrap gap-x-5 gap-y-1">
        <Fact icon="pipeline" label="Pipeline">
          {one().pipelineName}
          <Show when={one().runNumber}> #{one().runNumber}</Show>
          <span class="text-muted"> in {one().repository.fullName}</span>
        </Fact>
        <Show when={one().commitSha}>
          {(sha) => (
            <Fact icon="commit" label="Commit">
              <CopyId value={sha()} text={sha().slice(0, 7)} />
              <span class="text-muted"> {one().commit?.authorName ?? one().commit?.authorLogin}</span>
            </Fact>
          )}
        </Show>
        <Show when={one().branch}>
          <Fact icon="branch" label="Branch">
            <A
              href={`/p/${one().project.slug}/pipelines?branch=${encodeURIComponent(one().branch ?? "")}`}
              class="hover:underline"
            >
              {one().branch}
            </A>
          </Fact>
        </Show>
        <For each={one().pullRequests}>
          {(pull) => (
            <Fact icon="pull" label="Pull request">
              <Show when={webUrl(pull.url)} fallback={`#${pull.number} ${pull.title}`}>
                {(url) => (
                  <a href={url()} target="_blank" rel="noopener noreferrer" class="hover:underline">
                    #{pull.number} {pull.title}
                  </a>
                )}
              </Show>
              <span class="text-muted"> {pull.state.toLowerCase()}</span>
            </Fact>
          )}
        </For>
        <Fact icon="person" label="Started by">
          {one().triggeredBy ?? "unknown"}
          <Show when={one().event}>
            <span class="text-muted"> by {one().event}</span>
          </Show>
        </Fact>
        <Fact icon="clock" label="Duration">
          <Elapsed from={one().startedAt} to={one().completedAt} /> <span class="text-muted">· </span>
          <RelTime at={one().createdAt} class="text-muted" />
        </Fact>
        <Fact icon="copy" label="Id">
          <CopyId value={one().id} />
        </Fact>
      </dl>
      <Show when={one().failureReason}>
        {(reason) => (
          <p class="flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2 [overflow-wrap:anywhere]">
            <Icon name="warn" class="mt-0.5 text-fail" />
            {reason()}
          </p>
        )}
      </Show>
      <Show when={one().attempts.length > 1}>
        <nav aria-label="Attempts" class="-mb-3 flex gap-4 overflow-x-auto">
          <For each={one().attempts}>
            {(attempt) => (
              <A
                href={`/pipelines/${attempt.id}`}
                class="tab"
                aria-current={attempt.id === one().id ? "page" : undefined}
                title={lookOf(attempt.status).word}
              >
                <StatusIcon status={attempt.status} size={14} label />
                Attempt {attempt.attempt}
              </A>
            )}
          </For>
        </nav>
      </Show>
    </header>
  );
}
