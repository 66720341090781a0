import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { RunRowFragment } from "../../gql/graphql.ts";
import { compact, money } from "../../ui/format.ts";
import { isLive, Status } from "../../ui/status.tsx";
import { Elapsed, RelTime } from "../../ui/time.tsx";

function runCost(run: { cost: string | null; unpricedUsages: number }): string {
  if (run.cost === null && run.unpricedUsages === 0) return "";
  return money(run.cost);
}

/** One run in a list: what it does, how it stands, what it took. */
export function RunRow(props: { run: RunRowFragment }) {
  const who = () => props.run.createdBy?.name ?? props.run.createdByKey?.name ?? "Shiplog";
  const note = () => (isLive(props.run.status) ? props.run.lastLine : props.run.errorMessage);
  const tokens = () => Number(props.run.usage.inputTokens) + Number(props.run.usage.outputTokens);
  return (
    <A href={`/runs/${props.run.id}`} class="row">
      <Status status={props.run.status} class="w-28 shrink-0 max-md:w-auto max-md:[&>span]:sr-only" />
      <span class="min-w-0 flex-1">
        <span class="flex min-w-0 items-baseline gap-3">
          <span
            class={`min-w-0 shrink-0 truncate font-medium ${note() ? "max-w-[60%] max-md:max-w-full" : "max-w-full"}`}
          >
            {props.run.taskDescription || props.run.agentType}
          </span>
          <Show when={note()}>
            <span
              class={`min-w-0 flex-1 truncate max-md:hidden ${props.run.status === "FAILED" ? "text-fail" : "text-muted"}`}
            >
              {note()}
            </span>
          </Show>
        </span>
      </span>
      <span class="w-28 shrink-0 truncate text-muted max-lg:hidden">{props.run.agentType}</span>
      <span class="w-32 shrink-0 truncate text-muted max-xl:hidden">{who()}</span>
      <span class="w-20 shrink-0 text-right text-muted max-lg:hidden">
        {tokens() > 0 ? compact(tokens()) : ""}
      </span>
      <span class="w-16 shrink-0 text-right text-muted max-md:hidden">{runCost(props.run)}</span>
      <Elapsed
        class="w-20 shrink-0 text-right max-md:w-auto"
        from={props.run.startedAt}
        to={props.run.completedAt}
      />
      <RelTime at={props.run.createdAt} class="w-24 shrink-0 text-right text-muted max-md:hidden" />
    </A>
  );
}
