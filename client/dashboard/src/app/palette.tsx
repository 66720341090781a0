import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Icon } from "../ui/icons.tsx";
import { Palette as Frame } from "../ui/palette_frame.tsx";
import { type Command, findCommands } from "./commands.ts";
import { useSession } from "./viewer.ts";

/** Search and commands: pages, projects, actions, and any id pasted from elsewhere. */
export default function Palette(props: { onClose: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const [text, setText] = createSignal("");
  const [selected, setSelected] = createSignal(0);
  const found = createMemo(() => findCommands(session, text(), (href) => navigate(href)));

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
          class="h-12 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-faint"
          placeholder="Go to a page or project, run a command, paste an id"
          role="combobox"
          aria-label="Search and commands"
          aria-expanded="true"
          aria-controls="commands"
          aria-activedescendant={found().length > 0 ? `command-${selected()}` : undefined}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setSelected(0);
          }}
          onKeyDown={onKey}
        />
        <span class="kbd">Esc</span>
      </div>
      <div
        id="commands"
        role="listbox"
        tabindex="-1"
        aria-label="Commands"
        class="max-h-[50vh] overflow-auto p-1.5"
      >
        <For
          each={found()}
          fallback={<p class="px-3 py-6 text-center text-muted">Nothing matches “{text()}”.</p>}
        >
          {(command, index) => (
            <button
              type="button"
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
            </button>
          )}
        </For>
      </div>
    </Frame>
  );
}
