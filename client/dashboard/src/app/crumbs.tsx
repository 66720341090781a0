import { createEffect, createRoot, createSignal, onCleanup } from "solid-js";

export interface Crumb {
  readonly label: string;
  /** Absent on the page itself. */
  readonly href?: string;
}

const [crumbs, set] = createRoot(() => createSignal<readonly Crumb[]>([]));

export { crumbs };

/** Each page says where it is; the last crumb is the page, and the tab's title. */
export function createCrumbs(list: () => readonly Crumb[]): void {
  createEffect(() => {
    const now = list();
    set(now);
    document.title = [...now]
      .reverse()
      .map((crumb) => crumb.label)
      .slice(0, 2)
      .concat("Shiplog")
      .join(" · ");
  });
  onCleanup(() => set([]));
}
