import { useParams } from "@solidjs/router";
import { createEffect, For, onCleanup, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import { useSession } from "../../app/viewer.ts";
import { CopyId } from "../../ui/copy.tsx";
import { ActionError, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { bytes, dateTime, duration, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json.tsx";
import { PageHeader, Section } from "../../ui/page.tsx";
import { StatusBadge } from "../../ui/status.tsx";
import { DeliveryDocument, ReprocessDocument } from "./data.ts";

export default function DeliveryPage() {
  const params = useParams<{ id: string }>();
  const { project } = useSession();
  const query = createQuery(DeliveryDocument, () => ({ id: params.id }));
  const delivery = () => {
    const node = query.data()?.node;
    return node?.__typename === "WebhookDelivery" ? node : null;
  };
  // It is processed within moments: look again until it is.
  createEffect(() => {
    if (delivery()?.outcome !== "RECEIVED") return;
    const timer = setInterval(query.refetch, 1000);
    onCleanup(() => clearInterval(timer));
  });
  const reprocess = createAction(async () => {
    await mutate(ReprocessDocument, { input: { id: params.id } });
    query.refetch();
  });
  createCrumbs(() => [
    { label: project()?.name ?? "", href: `/p/${project()?.slug}` },
    { label: "Deliveries", href: `/p/${project()?.slug}/deliveries` },
    { label: delivery()?.event ?? "Delivery" },
  ]);
  const facts = () => {
    const one = delivery();
    if (!one) return [];
    return [
      ["Integration", one.integration.name],
      ["Received", dateTime(new Date(one.receivedAt))],
      ["Processed", one.processedAt ? dateTime(new Date(one.processedAt)) : "not yet"],
      ["Took", one.durationMs === null ? "–" : duration(one.durationMs)],
      ["Attempts", String(one.attempts)],
      [
        "Repeats",
        one.duplicates > 0
          ? `${plural(one.duplicates, "more copy", "more copies")} came and changed nothing`
          : "none",
      ],
      ["Body", `${bytes(one.bodyBytes)}, ${one.contentType}`],
    ] as const;
  };
  return (
    <Show when={!query.data() || delivery()} fallback={<NotFound what="delivery" />}>
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={delivery()} fallback={<SkeletonText lines={10} />}>
        {(one) => (
          <>
            <PageHeader
              title={
                <span class="flex flex-wrap items-center gap-3">
                  <StatusBadge status={one().outcome} />
                  <span class="font-mono">
                    {one().event}
                    <Show when={one().action}>.{one().action}</Show>
                  </span>
                </span>
              }
              note={<CopyId value={one().deliveryId} text={one().deliveryId} />}
              actions={
                <button
                  type="button"
                  class="btn"
                  disabled={reprocess.pending()}
                  onClick={() => void reprocess.run()}
                >
                  <Icon name="retry" /> {reprocess.pending() ? "Queueing…" : "Process again"}
                </button>
              }
            />
            <div class="px-4 md:px-6">
              <ActionError error={reprocess.error()} />
              <Show when={one().error}>
                {(error) => (
                  <p class="mb-4 flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2">
                    <Icon name="warn" class="mt-0.5 text-fail" />
                    <span>
                      {error()}{" "}
                      <span class="text-muted">
                        The delivery is kept; process it again once the cause is gone.
                      </span>
                    </span>
                  </p>
                )}
              </Show>
            </div>
            <div class="grid gap-4 px-4 pb-6 md:px-6 xl:grid-cols-[minmax(0,1fr)_400px]">
              <Section title="Payload" class="self-start">
                <div class="p-4">
                  <JsonView value={one().payload ?? one().payloadText} label="payload" tall />
                </div>
              </Section>
              <div class="flex min-w-0 flex-col gap-4">
                <Section title="Outcome">
                  <dl class="grid grid-cols-[104px_1fr] gap-x-3 gap-y-1.5 p-4">
                    <For each={facts()}>
                      {([label, value]) => (
                        <>
                          <dt class="text-muted">{label}</dt>
                          <dd class="[overflow-wrap:anywhere]">{value}</dd>
                        </>
                      )}
                    </For>
                  </dl>
                </Section>
                <Section title="Headers">
                  <div class="p-4">
                    <JsonView value={one().headers} label="headers" />
                  </div>
                </Section>
              </div>
            </div>
          </>
        )}
      </Show>
    </Show>
  );
}
