import { A, useLocation } from "@solidjs/router";
import { createEffect, For, type JSX, Show } from "solid-js";

/** Title, one line below it, and the page's actions. */
export function PageHeader(props: { title: JSX.Element; note?: JSX.Element; actions?: JSX.Element }) {
  return (
    <header class="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-5 pb-4 md:px-6">
      <div class="min-w-0 flex-1 basis-60">
        <h1 class="text-lg font-semibold [overflow-wrap:anywhere]">{props.title}</h1>
        <Show when={props.note}>
          <div class="text-muted">{props.note}</div>
        </Show>
      </div>
      <Show when={props.actions}>
        <div class="flex items-center gap-2">{props.actions}</div>
      </Show>
    </header>
  );
}

export interface TabLink {
  readonly href: string;
  readonly label: string;
  readonly count?: number;
  readonly end?: boolean;
}

/** Tabs that are pages: each has its own address. */
export function TabLinks(props: { label: string; tabs: readonly TabLink[] }) {
  const location = useLocation();
  const current = (href: string) => location.pathname === href;
  let bar: HTMLElement | undefined;
  // On a narrow screen the open tab may lie beyond the edge.
  createEffect(() => {
    const open = props.tabs.findIndex((tab) => current(tab.href));
    bar?.children[open]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return (
    <nav
      ref={bar}
      aria-label={props.label}
      class="flex scroll-px-6 gap-5 overflow-x-auto border-b border-line px-4 md:px-6"
    >
      <For each={props.tabs}>
        {(tab) => (
          <A href={tab.href} class="tab" aria-current={current(tab.href) ? "page" : undefined} end>
            {tab.label}
            <Show when={tab.count !== undefined}>
              <span class="text-xs text-muted">{tab.count}</span>
            </Show>
          </A>
        )}
      </For>
    </nav>
  );
}

/** A titled part of a page, with a link to all of its rows. */
export function Section(props: {
  title: string;
  href?: string;
  link?: string;
  aside?: JSX.Element;
  children: JSX.Element;
  class?: string;
}) {
  return (
    <section class={`card min-w-0 overflow-hidden ${props.class ?? ""}`} aria-label={props.title}>
      <div class="flex h-10 items-center gap-3 border-b border-line px-4">
        <h2 class="font-semibold">{props.title}</h2>
        <span class="ml-auto text-muted">{props.aside}</span>
        <Show when={props.href}>
          {(href) => (
            <A href={href()} class="link text-sm">
              {props.link ?? "All"}
            </A>
          )}
        </Show>
      </div>
      {props.children}
    </section>
  );
}
