import type { JSX } from "solid-js";

/** A page of one thing to do for somebody who is not signed in. What comes later grows downwards: nothing moves. */
export function Frame(props: { title: string; note: JSX.Element; children: JSX.Element }) {
  return (
    <main class="flex min-h-full flex-col items-center p-4 pt-[12vh]">
      <div class="w-full max-w-[360px]">
        <div class="mb-6 flex flex-col items-center gap-3 text-center">
          <img src="/favicon.svg" alt="" class="size-10" />
          <div>
            <h1 class="text-xl font-semibold [overflow-wrap:anywhere]">{props.title}</h1>
            <p class="text-muted [overflow-wrap:anywhere]">{props.note}</p>
          </div>
        </div>
        {props.children}
      </div>
    </main>
  );
}

/** Grey boxes in the shape of a form. */
export function FrameSkeleton(props: { title: string }) {
  return (
    <Frame title={props.title} note="One moment.">
      <div class="card flex flex-col gap-4 p-5" role="status" aria-busy="true" aria-label="Loading">
        <div class="skeleton h-8" />
        <div class="skeleton h-8" />
        <div class="skeleton h-9" />
      </div>
    </Frame>
  );
}
