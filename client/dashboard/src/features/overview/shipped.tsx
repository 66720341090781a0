import { For, Show } from "solid-js";
import type { OverviewQuery } from "../../gql/graphql.ts";
import { StatusIcon } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";

/** The newest successful deployments. */
export function Shipped(props: { items: OverviewQuery["overview"]["shipped"] }) {
  return (
    <For
      each={props.items}
      fallback={
        <p class="px-4 py-6 text-muted">No deployment succeeded yet. GitHub's deployment events fill this.</p>
      }
    >
      {(item) => (
        <a
          href={item.pipeline ? `/pipelines/${item.pipeline.id}` : `/p/${item.project.slug}/deployments`}
          class="row last:border-b-0"
        >
          <StatusIcon status="SUCCESS" label />
          <span class="min-w-0 flex-1 truncate">
            <span class="font-medium">{item.environment.name}</span>
            <span class="text-muted"> {item.description ?? item.ref}</span>
          </span>
          <Show when={item.commitSha}>
            {(sha) => <code class="text-xs text-muted">{sha().slice(0, 7)}</code>}
          </Show>
          <RelTime at={item.completedAt ?? item.createdAt} class="text-muted" />
        </a>
      )}
    </For>
  );
}
