import { useSearchParams } from "@solidjs/router";
import { For } from "solid-js";

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One filter of a list, kept in the address. */
export function FilterBar(props: { name: string; label: string; choices: readonly Choice[] }) {
  const [params, setParams] = useSearchParams();
  const current = () => String(params[props.name] ?? "");
  return (
    <fieldset class="flex min-w-0 gap-1 overflow-x-auto">
      <legend class="sr-only">{props.label}</legend>
      <For each={[{ value: "", label: "All" }, ...props.choices]}>
        {(choice) => (
          <button
            type="button"
            class={`h-7 rounded-md px-2.5 text-sm whitespace-nowrap ${current() === choice.value ? "bg-raised font-medium text-text" : "text-muted hover:text-text"}`}
            aria-pressed={current() === choice.value}
            onClick={() => setParams({ [props.name]: choice.value || null }, { replace: true })}
          >
            {choice.label}
          </button>
        )}
      </For>
    </fieldset>
  );
}
