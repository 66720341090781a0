import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, type JSX, Show } from "solid-js";
import { Icon, type IconName } from "./icons.tsx";

export interface MenuItem {
  readonly label: string;
  readonly hint?: string;
  readonly icon?: IconName;
  readonly checked?: boolean;
  /** A line above it. */
  readonly separate?: boolean;
  readonly onSelect: () => void;
}

/** A button that opens a list of actions. */
export default function Menu(props: {
  label: string;
  class: string;
  items: MenuItem[];
  open?: boolean;
  children: JSX.Element;
}) {
  // A list outside of every landmark would be missed by who moves from landmark to landmark.
  const home = document.getElementById("menus") ?? document.body;
  return (
    <DropdownMenu modal={false} defaultOpen={props.open} gutter={4} placement="bottom-start">
      <DropdownMenu.Trigger class={props.class}>
        {props.children}
        <span class="sr-only">{props.label}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal mount={home}>
        <DropdownMenu.Content class="menu max-h-[70vh] overflow-auto">
          <For each={props.items}>
            {(item) => (
              <>
                <Show when={item.separate}>
                  <DropdownMenu.Separator class="my-1 border-line" />
                </Show>
                <DropdownMenu.Item class="menu-item" onSelect={item.onSelect}>
                  <Show when={item.icon}>{(name) => <Icon name={name()} class="text-muted" />}</Show>
                  <span class="min-w-0 flex-1 truncate">{item.label}</span>
                  <Show when={item.hint}>
                    <span class="max-w-48 truncate text-xs text-muted" title={item.hint}>
                      {item.hint}
                    </span>
                  </Show>
                  <Show when={item.checked}>
                    <Icon name="check" class="text-accent-text" />
                  </Show>
                </DropdownMenu.Item>
              </>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
