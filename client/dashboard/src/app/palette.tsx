import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Icon, type IconName } from "../ui/icons.tsx";
import { Palette as Frame } from "../ui/palette_frame.tsx";
import { setTheme } from "./theme.ts";
import { hasRole, useSession } from "./viewer.ts";

interface Command {
  readonly label: string;
  readonly hint?: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Search and commands: pages, projects, actions, and any id pasted from elsewhere. */
export default function Palette(props: { onClose: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const [text, setText] = createSignal("");
  const [selected, setSelected] = createSignal(0);
  const go = (href: string) => () => navigate(href);

  const commands = (): Command[] => {
    const project = session.project();
    const base = `/p/${project?.slug}`;
    const ofProject: Command[] = project
      ? [
          { label: "Runs", hint: project.name, icon: "run", run: go(`${base}/runs`) },
          { label: "Start a run", hint: project.name, icon: "plus", run: go(`${base}/runs?start=1`) },
          { label: "Pipelines", hint: project.name, icon: "pipeline", run: go(`${base}/pipelines`) },
          {
            label: "Failed pipelines",
            hint: project.name,
            icon: "pipeline",
            run: go(`${base}/pipelines?status=FAILED`),
          },
          { label: "Deployments", hint: project.name, icon: "deploy", run: go(`${base}/deployments`) },
          { label: "AI activity", hint: project.name, icon: "activity", run: go(`${base}/activity`) },
          { label: "Settings", hint: project.name, icon: "settings", run: go(`${base}/settings`) },
          ...(hasRole(project, "maintainer")
            ? [
                {
                  label: "Deliveries",
                  hint: project.name,
                  icon: "inbox",
                  run: go(`${base}/deliveries`),
                } as const,
                {
                  label: "Create an API key",
                  hint: project.name,
                  icon: "key",
                  run: go(`${base}/settings/keys`),
                } as const,
                {
                  label: "Connect GitHub",
                  hint: project.name,
                  icon: "inbox",
                  run: go(`${base}/settings/integrations`),
                } as const,
              ]
            : []),
        ]
      : [];
    return [
      ...byId(text().trim(), go),
      { label: "Overview", icon: "overview", run: go("/") },
      { label: "Projects", icon: "projects", run: go("/projects") },
      ...ofProject,
      ...session
        .viewer()
        .projects.map(
          (one): Command => ({
            label: one.name,
            hint: "project",
            icon: "projects",
            run: go(`/p/${one.slug}`),
          }),
        ),
      { label: "Light theme", icon: "sun", run: () => setTheme("light") },
      { label: "Dark theme", icon: "moon", run: () => setTheme("dark") },
      { label: "Theme of the system", icon: "sun", run: () => setTheme("system") },
      {
        label: "GraphiQL",
        hint: "opens a tab",
        icon: "graph",
        run: () => window.open("/graphql", "_blank", "noopener"),
      },
      {
        label: "API reference",
        hint: "opens a tab",
        icon: "book",
        run: () => window.open("/api/docs", "_blank", "noopener"),
      },
    ];
  };
  const found = createMemo(() => {
    const words = text().toLowerCase().split(/\s+/).filter(Boolean);
    return commands().filter((one) => {
      const label = `${one.label} ${one.hint ?? ""}`.toLowerCase();
      return one.label.startsWith("Open ") || words.every((word) => label.includes(word));
    });
  });
  const run = (command: Command | undefined) => {
    if (!command) return;
    props.onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setSelected((index) => (index + step + found().length) % Math.max(1, found().length));
      document.getElementById(`command-${selected()}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found()[selected()]);
    }
  };

  return (
    <Frame onClose={props.onClose}>
      <div class="flex items-center gap-2 border-b border-line px-4">
        <Icon name="search" class="text-muted" />
        <input
          class="h-12 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
          placeholder="Go to a page or project, run a command, paste an id"
          role="combobox"
          aria-label="Search and commands"
          aria-expanded="true"
          aria-controls="commands"
          aria-activedescendant={found().length > 0 ? `command-${selected()}` : undefined}
          autofocus
          onInput={(event) => {
            setText(event.currentTarget.value);
            setSelected(0);
          }}
          onKeyDown={onKey}
        />
        <span class="kbd">Esc</span>
      </div>
      <div id="commands" role="listbox" aria-label="Commands" class="max-h-[50vh] overflow-auto p-1.5">
        <For
          each={found()}
          fallback={<p class="px-3 py-6 text-center text-muted">Nothing matches “{text()}”.</p>}
        >
          {(command, index) => (
            <div
              id={`command-${index()}`}
              role="option"
              tabindex="-1"
              aria-selected={index() === selected()}
              class="menu-item"
              onPointerMove={() => setSelected(index())}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} class="text-muted" />
              <span class="truncate">{command.label}</span>
              <Show when={command.hint}>
                <span class="ml-auto truncate text-xs text-muted">{command.hint}</span>
              </Show>
            </div>
          )}
        </For>
      </div>
    </Frame>
  );
}

const PAGES: Readonly<Record<string, string>> = {
  aex: "runs",
  ppl: "pipelines",
  act: "activity",
  dlv: "deliveries",
};

function byId(text: string, go: (href: string) => () => void): Command[] {
  const match = /^(aex|ppl|act|dlv)_[0-9a-z]{26}$/.exec(text);
  const page = match?.[1] ? PAGES[match[1]] : undefined;
  return page ? [{ label: `Open ${text}`, icon: "search", run: go(`/${page}/${text}`) }] : [];
}
