import { Dialog as Kobalte } from "@kobalte/core/dialog";
import { type JSX, Show } from "solid-js";
import { Icon } from "./icons.tsx";

interface Props {
  readonly title: string;
  readonly description?: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: JSX.Element;
}

/** For what needs a decision of its own; everything else is edited in place. */
export function Dialog(props: Props) {
  let content: HTMLElement | undefined;
  // The first field, not the close button; what loads later finds the dialog itself focused.
  const focusFirst = (event: Event) => {
    event.preventDefault();
    (content?.querySelector<HTMLElement>("input, select, textarea") ?? content)?.focus();
  };
  return (
    <Kobalte open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <Kobalte.Portal>
        <Kobalte.Overlay class="overlay" />
        <div class="pointer-events-none fixed inset-0 z-50 flex items-start justify-center p-4 pt-[10vh]">
          <Kobalte.Content
            ref={(element: HTMLElement) => {
              content = element;
            }}
            tabindex="-1"
            onOpenAutoFocus={focusFirst}
            class="menu pointer-events-auto flex max-h-[80vh] w-full max-w-[520px] flex-col gap-4 overflow-auto !p-5"
          >
            <div class="flex items-start gap-3">
              <div class="flex-1">
                <Kobalte.Title class="text-lg font-semibold">{props.title}</Kobalte.Title>
                <Show when={props.description}>
                  <Kobalte.Description class="mt-0.5 text-muted">{props.description}</Kobalte.Description>
                </Show>
              </div>
              <Kobalte.CloseButton class="btn btn-quiet btn-icon" aria-label="Close">
                <Icon name="cross" />
              </Kobalte.CloseButton>
            </div>
            {props.children}
          </Kobalte.Content>
        </div>
      </Kobalte.Portal>
    </Kobalte>
  );
}
