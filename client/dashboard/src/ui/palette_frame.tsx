import { Dialog } from "@kobalte/core/dialog";
import type { JSX } from "solid-js";

/** A dialog without a head, for search and commands. */
export function Palette(props: { onClose: () => void; children: JSX.Element }) {
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay" />
        <div class="pointer-events-none fixed inset-0 z-50 flex items-start justify-center p-4 pt-[12vh]">
          <Dialog.Content
            class="menu pointer-events-auto w-full max-w-[560px] overflow-hidden !p-0"
            aria-label="Search and commands"
          >
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog>
  );
}
