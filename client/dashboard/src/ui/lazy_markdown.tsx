import { type Component, createSignal, onMount, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { SkeletonText } from "./feedback.tsx";

type Markdown = Component<{ text: string; class?: string }>;

/** Kept once it has come, so that later texts are there at once. */
const [loaded, setLoaded] = createSignal<Markdown>();

/**
 * Rendered Markdown; its code comes with the first use. Not a `lazy` component under Suspense: inside the router's
 * transition neither the fallback nor the text would be shown.
 */
export function LazyMarkdown(props: { text: string; class?: string }) {
  onMount(() => {
    if (!loaded()) void import("./markdown.tsx").then((module) => setLoaded(() => module.default));
  });
  return (
    <Show when={loaded()} fallback={<SkeletonText lines={6} />}>
      {(Rendered) => <Dynamic component={Rendered()} text={props.text} class={props.class} />}
    </Show>
  );
}
