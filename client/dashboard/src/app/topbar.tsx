import { useNavigate } from "@solidjs/router";
import { For, Show } from "solid-js";
import { logout } from "../api/session.ts";
import { Icon } from "../ui/icons.tsx";
import { LazyMenu } from "../ui/lazy_menu.tsx";
import { Connection } from "./connection.tsx";
import { crumbs } from "./crumbs.tsx";
import { setTheme, type Theme, theme } from "./theme.ts";
import { useSession } from "./viewer.ts";

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "Theme of the system" },
  { value: "light", label: "Light theme" },
  { value: "dark", label: "Dark theme" },
];

/** Breadcrumb, search, connection, theme, account. */
export function Topbar(props: { onMenu: () => void; onSearch: () => void }) {
  return (
    <header class="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-panel px-3 md:px-6">
      <button
        type="button"
        class="btn btn-quiet btn-icon md:hidden"
        aria-label="Open navigation"
        onClick={props.onMenu}
      >
        <Icon name="menu" />
      </button>
      <Breadcrumb />
      <div class="ml-auto flex items-center gap-1">
        <Connection />
        <button
          type="button"
          class="btn btn-quiet"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={props.onSearch}
        >
          <Icon name="search" />
          <span class="sr-only">Search and commands</span>
          <span class="kbd hidden md:inline-flex">Ctrl K</span>
        </button>
        <Account />
      </div>
    </header>
  );
}

function Breadcrumb() {
  return (
    <nav aria-label="Breadcrumb" class="min-w-0">
      <ol class="flex min-w-0 items-center gap-1.5">
        <For each={crumbs()}>
          {(crumb, index) => (
            <li
              class={`flex min-w-0 items-center gap-1.5 ${index() < crumbs().length - 1 ? "max-md:hidden" : ""}`}
            >
              <Show when={index() > 0}>
                <span class="text-faint max-md:hidden" aria-hidden="true">
                  /
                </span>
              </Show>
              <Show
                when={crumb.href}
                fallback={
                  <span class="truncate font-medium" aria-current="page">
                    {crumb.label}
                  </span>
                }
              >
                {(href) => (
                  <a href={href()} class="truncate text-muted hover:text-text">
                    {crumb.label}
                  </a>
                )}
              </Show>
            </li>
          )}
        </For>
      </ol>
    </nav>
  );
}

function Account() {
  const session = useSession();
  const navigate = useNavigate();
  const user = () => session.viewer().user;
  const initials = () =>
    (user()?.name ?? "?")
      .split(/\s+/)
      .map((word) => word[0])
      .slice(0, 2)
      .join("")
      .toUpperCase();
  const items = () => [
    ...THEMES.map((one) => ({
      label: one.label,
      checked: theme() === one.value,
      onSelect: () => setTheme(one.value),
    })),
    {
      label: "Log out",
      icon: "logout" as const,
      hint: user()?.email ?? undefined,
      separate: true,
      onSelect: () => void logout().then(() => navigate("/login")),
    },
  ];
  return (
    <LazyMenu
      label={`Account and theme: ${user()?.name}`}
      class="flex size-8 items-center justify-center rounded-full"
      items={items()}
    >
      <span
        class="flex size-7 items-center justify-center rounded-full bg-selected text-xs font-semibold text-accent-text"
        aria-hidden="true"
      >
        {initials()}
      </span>
    </LazyMenu>
  );
}
