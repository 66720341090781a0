import { createUniqueId, For, type JSX, Show, splitProps } from "solid-js";

interface Frame {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string;
}

function Framed(props: Frame & { id: string; children: JSX.Element }) {
  return (
    <div class="flex flex-col gap-1.5">
      <label for={props.id} class="text-sm font-medium">
        {props.label}
      </label>
      {props.children}
      <Show when={props.error ?? props.hint}>
        <p id={`${props.id}-note`} class={`text-xs ${props.error ? "text-fail" : "text-muted"}`}>
          {props.error ?? props.hint}
        </p>
      </Show>
    </div>
  );
}

type InputProps = Frame & JSX.InputHTMLAttributes<HTMLInputElement> & { onText?: (value: string) => void };
export function TextField(props: InputProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "error", "onText", "class"]);
  const id = createUniqueId();
  return (
    <Framed label={own.label} hint={own.hint} error={own.error} id={id}>
      <input
        {...rest}
        id={id}
        class={`input ${own.class ?? ""}`}
        aria-invalid={own.error ? "true" : undefined}
        aria-describedby={(own.error ?? own.hint) ? `${id}-note` : undefined}
        onInput={(event) => own.onText?.(event.currentTarget.value)}
      />
    </Framed>
  );
}

type AreaProps = Frame &
  JSX.TextareaHTMLAttributes<HTMLTextAreaElement> & { onText?: (value: string) => void };
export function TextArea(props: AreaProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "error", "onText", "class"]);
  const id = createUniqueId();
  return (
    <Framed label={own.label} hint={own.hint} error={own.error} id={id}>
      <textarea
        {...rest}
        id={id}
        class={`input ${own.class ?? ""}`}
        aria-describedby={(own.error ?? own.hint) ? `${id}-note` : undefined}
        onInput={(event) => own.onText?.(event.currentTarget.value)}
      />
    </Framed>
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}
interface SelectProps extends Frame {
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}
export function SelectField(props: SelectProps) {
  const id = createUniqueId();
  return (
    <Framed label={props.label} hint={props.hint} error={props.error} id={id}>
      <select id={id} class="input" onChange={(event) => props.onChange(event.currentTarget.value)}>
        <For each={props.options}>
          {(option) => (
            <option value={option.value} selected={option.value === props.value}>
              {option.label}
            </option>
          )}
        </For>
      </select>
    </Framed>
  );
}

export function Check(props: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label class="flex items-start gap-2">
      <input
        type="checkbox"
        class="mt-0.5 size-4 accent-accent"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>
        {props.label}
        <Show when={props.hint}>
          <span class="block text-xs text-muted">{props.hint}</span>
        </Show>
      </span>
    </label>
  );
}
