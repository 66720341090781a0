import { For, type JSX, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Problem, UserError } from "../api/problem.ts";
import { CopyId } from "./copy.tsx";
import { Icon } from "./icons.tsx";

/** What this page will show, and the one thing that fills it. */
export function Empty(props: {
  title: string;
  children: JSX.Element;
  action?: JSX.Element;
  /** It is the whole page: its title is the page's. */
  whole?: boolean;
}) {
  return (
    <div class="mx-auto flex max-w-[520px] flex-col items-center gap-2 px-6 py-16 text-center">
      <Dynamic component={props.whole ? "h1" : "h2"} class="text-base font-semibold">
        {props.title}
      </Dynamic>
      <div class="text-muted">{props.children}</div>
      <Show when={props.action}>
        <div class="mt-3 flex flex-wrap justify-center gap-2">{props.action}</div>
      </Show>
    </div>
  );
}

/** A query that failed: what happened and what to do, with the id that finds it in the server's log. */
export function ProblemNote(props: { problem: Problem; retry?: () => void }) {
  return (
    <div role="alert" class="m-4 flex items-start gap-3 rounded-md bg-fail-soft p-3 text-fail">
      <Icon name="warn" class="mt-0.5" />
      <div class="min-w-0 flex-1">
        <p class="text-text">{props.problem.message}</p>
        <Show when={props.problem.correlationId}>
          {(id) => (
            <p class="mt-1 text-xs text-muted">
              Correlation id <CopyId value={id()} text={id()} />
            </p>
          )}
        </Show>
      </div>
      <Show when={props.retry}>
        <button type="button" class="btn" onClick={() => props.retry?.()}>
          Try again
        </button>
      </Show>
    </div>
  );
}

/** What the server said about a form or button. */
export function ActionError(props: { error: UserError | undefined }) {
  return (
    <Show when={props.error}>
      {(error) => (
        <div role="alert" class="flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2 text-sm">
          <Icon name="warn" class="mt-0.5 text-fail" />
          <div>
            <p>{error().message}</p>
            <For each={error().issues}>
              {(issue) => (
                <p class="text-muted">
                  {issue.path.filter((part) => part !== "input").join(".")}: {issue.message}
                </p>
              )}
            </For>
          </div>
        </div>
      )}
    </Show>
  );
}

/** Grey rows in the shape of the list that comes. */
export function SkeletonRows(props: { rows?: number }) {
  return (
    <div role="status" aria-busy="true" aria-label="Loading">
      <For each={Array.from({ length: props.rows ?? 8 }, (_, index) => index)}>
        {(index) => (
          <div class="flex h-9 items-center gap-3 border-b border-line px-4">
            <div class="skeleton size-4 rounded-full" />
            <div class={`skeleton h-3 ${["w-2/5", "w-1/3", "w-1/2"][index % 3]}`} />
            <div class="skeleton ml-auto h-3 w-16" />
          </div>
        )}
      </For>
    </div>
  );
}

/** Grey lines in the shape of text. */
export function SkeletonText(props: { lines?: number }) {
  return (
    <div class="flex flex-col gap-2.5 p-4" role="status" aria-busy="true" aria-label="Loading">
      <For each={Array.from({ length: props.lines ?? 4 }, (_, index) => index)}>
        {(index) => <div class={`skeleton h-3 ${["w-3/4", "w-1/2", "w-2/3", "w-2/5"][index % 4]}`} />}
      </For>
    </div>
  );
}
