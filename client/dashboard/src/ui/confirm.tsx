import { createEffect, createSignal, on, Show } from "solid-js";
import { Icon, type IconName } from "./icons.tsx";

interface Props {
  /** What the button says, or is called when it is an icon. */
  readonly label: string;
  readonly icon?: IconName;
  /** What the second button says: the deed itself. */
  readonly confirm: string;
  readonly pending: boolean;
  readonly onConfirm: () => void;
}

/** A button whose deed cannot be taken back: it asks in place, once more. The keyboard stays where it was. */
export function ConfirmButton(props: Props) {
  const [asking, setAsking] = createSignal(false);
  let ask: HTMLButtonElement | undefined;
  let keep: HTMLButtonElement | undefined;
  const open = () => {
    setAsking(true);
    // A second Enter by mistake keeps.
    queueMicrotask(() => keep?.focus());
  };
  const close = () => {
    setAsking(false);
    queueMicrotask(() => ask?.focus());
  };
  // Done, or refused: there is nothing left to confirm.
  createEffect(
    on(
      () => props.pending,
      (now, before) => before && !now && asking() && close(),
    ),
  );
  return (
    <Show
      when={asking()}
      fallback={
        <button
          ref={ask}
          type="button"
          class={`btn ${props.icon ? "btn-quiet btn-icon" : ""}`}
          aria-label={props.icon ? props.label : undefined}
          title={props.icon ? props.label : undefined}
          onClick={open}
        >
          <Show when={props.icon} fallback={props.label}>
            {(name) => <Icon name={name()} />}
          </Show>
        </button>
      }
    >
      <fieldset
        class="ml-auto flex items-center gap-1"
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      >
        <legend class="sr-only">{props.label}</legend>
        <button
          type="button"
          class="btn btn-danger"
          disabled={props.pending}
          onClick={() => props.onConfirm()}
        >
          {props.confirm}
        </button>
        <button ref={keep} type="button" class="btn btn-quiet" onClick={close}>
          Keep
        </button>
      </fieldset>
    </Show>
  );
}
