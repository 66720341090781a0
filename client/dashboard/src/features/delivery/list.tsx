import { A, useSearchParams } from "@solidjs/router";
import { onCleanup, Show } from "solid-js";
import { createPages } from "../../api/pages.ts";
import { createSoon } from "../../api/soon.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import { useSession } from "../../app/viewer.ts";
import type { DeliveryOutcome, DeliveryRowFragment } from "../../gql/graphql.ts";
import { Empty } from "../../ui/feedback.tsx";
import { FilterBar } from "../../ui/filters.tsx";
import { duration } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { LiveList } from "../../ui/live_list.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { createProjectFeed } from "../project/feed.ts";
import { DeliveriesDocument } from "./data.ts";

const LOOK_MS = 5_000;
const OUTCOMES: readonly DeliveryOutcome[] = ["RECEIVED", "PROCESSED", "IGNORED", "FAILED"];

export default function DeliveriesPage() {
  const { project } = useSession();
  const [params] = useSearchParams<{ outcome: string; integration: string }>();
  const outcome = () => OUTCOMES.find((one) => one === params.outcome);
  const pages = createPages(
    DeliveriesDocument,
    () => {
      const id = project()?.id;
      const one = outcome();
      return id
        ? { projectId: id, outcome: one ? [one] : null, integrationId: params.integration || null }
        : null;
    },
    (data) => data.webhookDeliveries,
  );
  // Deliveries have no events of their own: what they changed has, and is a reason to look again. Many change nothing.
  const soon = createSoon(pages.look, 1000);
  const timer = setInterval(() => !document.hidden && pages.look(), LOOK_MS);
  onCleanup(() => clearInterval(timer));
  createProjectFeed(() => project()?.id, { reload: pages.reload, pipeline: soon, deployment: soon });
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "Deliveries" },
  ]);
  const settings = () => `/p/${project()?.slug}/settings/integrations`;
  return (
    <div class="flex h-full flex-col">
      <PageHeader
        title="Deliveries"
        note="Every webhook that came in, kept for 90 days. Each can be inspected and processed again."
        actions={
          <button type="button" class="btn" onClick={pages.reload}>
            <Icon name="retry" /> Refresh
          </button>
        }
      />
      <div class="px-3 pb-3 md:px-5">
        <FilterBar
          name="outcome"
          label="Outcome"
          choices={[
            { value: "PROCESSED", label: "Processed" },
            { value: "FAILED", label: "Failed" },
            { value: "IGNORED", label: "Ignored" },
            { value: "RECEIVED", label: "Received" },
          ]}
        />
      </div>
      <LiveList
        pages={pages}
        label="Deliveries"
        noun="delivery"
        many="deliveries"
        denied={
          <Empty title="Deliveries are for maintainers">
            They hold raw payloads. Ask an owner of the project for the role.
          </Empty>
        }
        empty={
          <Show
            when={!outcome()}
            fallback={<Empty title="No delivery has this outcome">Choose another filter to see more.</Empty>}
          >
            <Empty
              title="No deliveries yet"
              action={
                <A href={settings()} class="btn btn-primary">
                  Connect GitHub
                </A>
              }
            >
              Each webhook that GitHub sends appears here within seconds, with its headers, payload and
              outcome.
            </Empty>
          </Show>
        }
      >
        {(delivery) => <DeliveryRow delivery={delivery} />}
      </LiveList>
    </div>
  );
}

function DeliveryRow(props: { delivery: DeliveryRowFragment }) {
  const one = () => props.delivery;
  return (
    <A href={`/deliveries/${one().id}`} class="row">
      <Status status={one().outcome} class="w-28 shrink-0 max-md:w-auto max-md:[&>span]:sr-only" />
      <span class="flex min-w-0 flex-1 items-baseline gap-3">
        <span class="shrink-0 font-mono text-xs font-medium">
          {one().event}
          <Show when={one().action}>.{one().action}</Show>
        </span>
        <Show when={one().error}>
          {(error) => (
            <span class="min-w-0 truncate text-fail" title={error()}>
              {error()}
            </span>
          )}
        </Show>
      </span>
      <Show when={one().duplicates > 0}>
        <span class="text-muted max-md:hidden">{one().duplicates} repeated</span>
      </Show>
      <code class="w-40 shrink-0 truncate text-xs text-muted max-lg:hidden">{one().deliveryId}</code>
      <span class="w-36 shrink-0 truncate text-muted max-xl:hidden">{one().integration.name}</span>
      <span class="w-16 shrink-0 text-right text-muted max-lg:hidden">
        {one().durationMs === null ? "" : duration(one().durationMs ?? 0)}
      </span>
      <RelTime at={one().receivedAt} class="w-24 shrink-0 text-right text-muted" />
    </A>
  );
}
