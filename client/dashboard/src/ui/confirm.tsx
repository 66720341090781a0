import { createSignal, Show } from "solid-js";
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

/** A button whose deed cannot be taken back: it asks in place, once more. */
export function ConfirmButton(props: Props) {
  const [asking, setAsking] = createSignal(false);
  return (
    <Show
      when={asking()}
      fallback={
        <button
          type="button"
          class={props.icon ? "btn btn-quiet btn-icon" : "btn btn-quiet"}
          aria-label={props.icon ? props.label : undefined}
          title={props.icon ? props.label : undefined}
          onClick={() => setAsking(true)}
        >
          <Show when={props.icon} fallback={props.label}>
            {(name) => <Icon name={name()} />}
          </Show>
        </button>
      }
    >
      <span class="flex items-center gap-1">
        <button
          type="button"
          class="btn btn-danger"
          disabled={props.pending}
          onClick={() => props.onConfirm()}
        >
          {props.confirm}
        </button>
        <button type="button" class="btn btn-quiet" onClick={() => setAsking(false)}>
          Keep
        </button>
      </span>
    </Show>
  );
}
