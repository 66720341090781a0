import { createSignal, type JSX, lazy, Show, Suspense } from "solid-js";
import type { MenuItem } from "./menu.tsx";

const Menu = lazy(() => import("./menu.tsx"));

/** The menu's code comes with the first click, which it then answers: the shell stays small. */
export function LazyMenu(props: { label: string; class: string; items: MenuItem[]; children: JSX.Element }) {
  const [wanted, setWanted] = createSignal(false);
  const button = (
    <button
      type="button"
      class={props.class}
      aria-haspopup="menu"
      onPointerEnter={() => void import("./menu.tsx")}
      onClick={() => setWanted(true)}
    >
      {props.children}
      <span class="sr-only">{props.label}</span>
    </button>
  );
  return (
    <Show when={wanted()} fallback={button}>
      <Suspense fallback={button}>
        <Menu label={props.label} class={props.class} items={props.items} open>
          {props.children}
        </Menu>
      </Suspense>
    </Show>
  );
}
