import { type Component, createSignal, onMount, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { SkeletonText } from "./feedback.tsx";

interface Props {
  readonly text: string;
  readonly class?: string;
  /** A line of the text is a line on the screen, as in a log. */
  readonly breaks?: boolean;
}
type Markdown = Component<Props>;

/** Kept once it has come, so that later texts are there at once. */
const [loaded, setLoaded] = createSignal<Markdown>();

/** Fetches the code before it is needed, so that no text has to wait in another shape. */
export function loadMarkdown(): void {
  if (!loaded()) void import("./markdown.tsx").then((module) => setLoaded(() => module.default));
}

/**
 * Rendered Markdown; its code comes with the first use. Not a `lazy` component under Suspense: inside the router's
 * transition neither the fallback nor the text would be shown.
 */
export function LazyMarkdown(props: Props) {
  onMount(loadMarkdown);
  return (
    <Show when={loaded()} fallback={<SkeletonText lines={6} />}>
      {(Rendered) => (
        <Dynamic component={Rendered()} text={props.text} class={props.class} breaks={props.breaks} />
      )}
    </Show>
  );
}
