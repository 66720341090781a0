import { Show } from "solid-js";
import type { DeploymentRowFragment } from "../../gql/graphql.ts";
import { Icon } from "../../ui/icons.tsx";
import { Pill, Status } from "../../ui/status.tsx";
import { Elapsed, RelTime } from "../../ui/time.tsx";

/** GitHub's addresses are taken from payloads: only web links are followed. */
export function webUrl(url: string | null | undefined): string | undefined {
  return url && /^https?:\/\//i.test(url) ? url : undefined;
}

/** One deployment in a list. Its row leads to the pipeline that made it, when one did. */
export function DeploymentRow(props: { deployment: DeploymentRowFragment }) {
  const one = () => props.deployment;
  const href = () => (one().pipeline ? `/pipelines/${one().pipeline?.id}` : webUrl(one().logUrl));
  return (
    <div class="row">
      <Status
        status={one().status}
        word={one().status === "SUCCESS" ? "Deployed" : undefined}
        class="w-28 shrink-0 max-md:w-auto max-md:[&>span]:sr-only"
      />
      <span class="flex min-w-0 flex-1 items-center gap-2">
        <Show
          when={href()}
          fallback={<span class="max-w-[60%] shrink-0 truncate font-medium">{one().environment.name}</span>}
        >
          {(link) => (
            <a href={link()} class="max-w-[60%] shrink-0 truncate font-medium hover:underline" data-list-link>
              {one().environment.name}
            </a>
          )}
        </Show>
        <Show when={one().environment.isProduction && !/prod/i.test(one().environment.name)}>
          <Pill tone="run">production</Pill>
        </Show>
        <span class="min-w-0 truncate text-muted">{one().description ?? one().ref}</span>
      </span>
      <span class="w-48 shrink-0 truncate text-muted max-lg:hidden">{one().repository.fullName}</span>
      <code class="w-16 shrink-0 text-xs text-muted max-lg:hidden">{one().commitSha?.slice(0, 7)}</code>
      <span class="w-28 shrink-0 truncate text-muted max-xl:hidden">{one().creatorLogin}</span>
      <Show when={webUrl(one().url)}>
        {(url) => (
          <a
            href={url()}
            target="_blank"
            rel="noopener noreferrer"
            class="link inline-flex items-center gap-1 max-md:hidden"
          >
            Open <Icon name="external" size={12} />
          </a>
        )}
      </Show>
      <Elapsed class="w-20 shrink-0 text-right max-md:hidden" from={one().startedAt} to={one().completedAt} />
      <RelTime at={one().createdAt} class="w-24 shrink-0 text-right text-muted max-md:w-auto" />
    </div>
  );
}
