import { lazy, Suspense } from "solid-js";
import { SkeletonText } from "./feedback.tsx";

const Markdown = lazy(() => import("./markdown.tsx"));

/** Rendered Markdown; its code comes with the first use. */
export function LazyMarkdown(props: { text: string; class?: string }) {
  return (
    <Suspense fallback={<SkeletonText lines={6} />}>
      <Markdown text={props.text} class={props.class} />
    </Suspense>
  );
}
