import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { useSession } from "../../app/viewer.ts";
import type { OverviewQuery } from "../../gql/graphql.ts";
import { money, nanos, plural, usdOf } from "../../ui/format.ts";
import { SpendBars } from "../../ui/sparkline.tsx";
import { TOOLS, toolName } from "../activity/tools.ts";

/** What agents and AI tools cost: today, the last seven days, by tool. */
export function Spend(props: { spend: OverviewQuery["overview"]["spend"] }) {
  const session = useSession();
  const week = () => usdOf(props.spend.days.reduce((sum, day) => sum + nanos(day.cost), 0n));
  const activity = () => (session.project() ? `/p/${session.project()?.slug}/activity` : "/");
  // Runs count under the name of their agent, activity under the name of its tool.
  const rows = (tool: string) => {
    const slug = session.project()?.slug;
    if (!slug) return "/";
    return tool in TOOLS ? `/p/${slug}/activity?tool=${tool}` : `/p/${slug}/runs`;
  };
  const priced = () => props.spend.byTool.filter((tool) => nanos(tool.cost) > 0n);
  const entries = (tool: string, count: number) =>
    tool in TOOLS ? plural(count, "entry", "entries") : plural(count, "run");
  return (
    <div class="flex flex-col gap-4 p-4">
      <div class="flex items-end gap-6">
        <div>
          <div class="text-xs text-muted">Today (UTC)</div>
          <A href={activity()} class="text-xl font-semibold hover:text-accent-text">
            {money(props.spend.today)}
          </A>
        </div>
        <div>
          <div class="text-xs text-muted">7 days</div>
          <A href={activity()} class="text-xl font-semibold hover:text-accent-text">
            {money(week())}
          </A>
        </div>
      </div>
      <SpendBars days={props.spend.days} />
      <Show when={priced().length > 0}>
        <table class="w-full">
          <caption class="sr-only">Spend of 7 days by tool</caption>
          <tbody>
            <For each={priced()}>
              {(tool) => (
                <tr class="border-t border-line">
                  <th scope="row" class="py-1.5 text-left font-normal">
                    <A href={rows(tool.tool)} class="hover:underline">
                      {toolName(tool.tool)}
                    </A>
                  </th>
                  <td class="py-1.5 text-right text-muted">{entries(tool.tool, tool.activities)}</td>
                  <td class="w-20 py-1.5 text-right">{money(tool.cost)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
      <Show when={props.spend.unpriced > 0}>
        <p class="text-xs text-muted">
          {plural(props.spend.unpriced, "entry has", "entries have")} no price: their model is unknown, so the
          sums are too low.
        </p>
      </Show>
    </div>
  );
}
