import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { AiActivityRowFragment } from "../../gql/graphql.ts";
import { compact, money } from "../../ui/format.ts";
import { RelTime } from "../../ui/time.tsx";
import { toolName } from "./tools.ts";

/** Lines that came and went, as git writes them. */
export function Lines(props: { added: number; removed: number; class?: string }) {
  return (
    <Show when={props.added > 0 || props.removed > 0}>
      <span class={`font-mono text-xs whitespace-nowrap ${props.class ?? ""}`}>
        <span class="text-ok">+{props.added}</span> <span class="text-fail">−{props.removed}</span>
      </span>
    </Show>
  );
}

/** One exchange with an AI tool in a list. */
export function ActivityRow(props: { activity: AiActivityRowFragment }) {
  const one = () => props.activity;
  return (
    <A href={`/activity/${one().id}`} class="row">
      <span class="w-20 shrink-0 truncate font-medium max-md:w-16">{toolName(one().tool)}</span>
      <span class="w-20 shrink-0 truncate text-muted max-md:hidden">{one().category.toLowerCase()}</span>
      <span class="min-w-0 flex-1 truncate">
        {one().prompt ?? <span class="text-muted">no prompt was kept</span>}
      </span>
      <Lines
        added={one().linesAdded}
        removed={one().linesRemoved}
        class="w-20 shrink-0 text-right max-lg:hidden"
      />
      <span class="w-36 shrink-0 truncate text-muted max-xl:hidden">{one().model ?? "unknown model"}</span>
      <span class="w-28 shrink-0 truncate text-muted max-xl:hidden">
        {one().user?.name ?? one().apiKey?.name}
      </span>
      <span class="w-16 shrink-0 text-right text-muted max-lg:hidden">
        {compact(Number(one().usage.inputTokens) + Number(one().usage.outputTokens))}
      </span>
      <span class={`w-16 shrink-0 text-right max-md:hidden ${one().cost === null ? "text-muted" : ""}`}>
        {money(one().cost)}
      </span>
      <RelTime at={one().occurredAt} class="w-24 shrink-0 text-right text-muted max-md:w-auto" />
    </A>
  );
}
