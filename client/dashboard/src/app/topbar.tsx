import { useNavigate } from "@solidjs/router";
import { For, Show } from "solid-js";
import { logout } from "../api/session.ts";
import { Icon, type IconName } from "../ui/icons.tsx";
import { LazyMenu } from "../ui/lazy_menu.tsx";
import { Connection } from "./connection.tsx";
import { crumbs } from "./crumbs.tsx";
import { setTheme, type Theme, theme } from "./theme.ts";
import { useSession } from "./viewer.ts";

const THEMES: readonly { value: Theme; label: string; icon: IconName }[] = [
  { value: "system", label: "System theme", icon: "screen" },
  { value: "light", label: "Light theme", icon: "sun" },
  { value: "dark", label: "Dark theme", icon: "moon" },
];

/** Breadcrumb, search, connection, theme, account. */
export function Topbar(props: { onMenu: () => void; onSearch: () => void }) {
  return (
    <header class="isolate flex h-12 shrink-0 items-center gap-2 border-b border-line bg-panel px-3 md:px-6">
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
              class={`flex min-w-0 items-center gap-1.5 ${index() < crumbs().length - 1 ? "max-w-48 shrink-0 max-md:hidden" : ""}`}
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
    {
      label: "Your account",
      icon: "person" as const,
      hint: user()?.email ?? undefined,
      onSelect: () => navigate("/account"),
    },
    ...THEMES.map((one, index) => ({
      label: one.label,
      icon: one.icon,
      checked: theme() === one.value,
      separate: index === 0,
      onSelect: () => setTheme(one.value),
    })),
    {
      label: "Log out",
      separate: true,
      icon: "logout" as const,
      // A page of its own: what was read for one person is not in memory when another logs in.
      onSelect: () => void logout().then(() => location.assign("/login")),
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
