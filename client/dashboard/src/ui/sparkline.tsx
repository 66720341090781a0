import { createMemo, For } from "solid-js";
import { money } from "./format.ts";

interface Day {
  readonly date: string;
  readonly cost: string;
}

/** Seven days as bars, the last one strong; each with its exact value, and a table for screen readers. */
export function SpendBars(props: { days: readonly Day[] }) {
  const max = createMemo(() => Math.max(...props.days.map((day) => Number(day.cost)), 0.000001));
  const weekday = (date: string) =>
    new Date(`${date}T00:00:00Z`).toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });
  return (
    <figure class="m-0">
      <div class="flex h-20 items-end gap-1.5" aria-hidden="true">
        <For each={props.days}>
          {(day, index) => (
            <div
              class="group flex h-full flex-1 flex-col justify-end"
              title={`${day.date} (UTC): ${money(day.cost)}`}
            >
              <div
                class={`w-full rounded-t-sm ${index() === props.days.length - 1 ? "bg-accent" : "bg-bar"}`}
                style={{ height: `${Math.max(2, (Number(day.cost) / max()) * 100)}%` }}
              />
            </div>
          )}
        </For>
      </div>
      <div class="mt-1 flex gap-1.5 text-center text-xs text-muted" aria-hidden="true">
        <For each={props.days}>{(day) => <span class="flex-1">{weekday(day.date)}</span>}</For>
      </div>
      <table class="sr-only">
        <caption>Spend per day (UTC)</caption>
        <tbody>
          <For each={props.days}>
            {(day) => (
              <tr>
                <th scope="row">{day.date}</th>
                <td>{money(day.cost)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </figure>
  );
}
