import { createSignal, Show } from "solid-js";
import { shortId } from "./format.ts";
import { Icon } from "./icons.tsx";

function createCopy(value: () => string) {
  const [copied, setCopied] = createSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return { copied, copy };
}

/** A button that copies; it says so itself. */
export function CopyButton(props: { value: string; label: string; text?: string; class?: string }) {
  const { copied, copy } = createCopy(() => props.value);
  return (
    <button
      type="button"
      class={props.text ? `btn ${props.class ?? ""}` : `btn btn-quiet btn-icon ${props.class ?? ""}`}
      aria-label={copied() ? "Copied" : props.label}
      title={props.label}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void copy();
      }}
    >
      <Icon name={copied() ? "check" : "copy"} class={copied() && !props.text ? "text-ok" : ""} />
      <Show when={props.text}>{copied() ? "Copied" : props.text}</Show>
    </button>
  );
}

/** A short id or hash: full on hover, copied on click. */
export function CopyId(props: { value: string; text?: string }) {
  const { copied, copy } = createCopy(() => props.value);
  return (
    <button
      type="button"
      class="rounded text-left font-mono text-xs text-muted [overflow-wrap:anywhere] hover:text-text"
      title={`${props.value} (click to copy)`}
      onClick={() => void copy()}
    >
      <span class="sr-only">Copy </span>
      {copied() ? "copied" : (props.text ?? shortId(props.value))}
    </button>
  );
}

/** More would stop the browser for seconds; copying takes all of it. */
const SHOWN = 200_000;

/** Text to paste elsewhere, whole and with a copy button. */
export function CopyBlock(props: { value: string; label: string; tall?: boolean }) {
  return (
    <div class="relative rounded-md border border-line bg-raised">
      <pre
        class={`overflow-auto ${props.tall ? "max-h-[70vh]" : "max-h-72"} py-2.5 pr-12 pl-3 text-xs leading-5 whitespace-pre-wrap break-all`}
        tabindex="0"
      >
        {props.value.length > SHOWN ? props.value.slice(0, SHOWN) : props.value}
      </pre>
      <Show when={props.value.length > SHOWN}>
        <p class="border-t border-line px-3 py-1.5 text-xs text-muted">
          The first {SHOWN.toLocaleString("en")} of {props.value.length.toLocaleString("en")} characters;
          copying takes all.
        </p>
      </Show>
      <CopyButton value={props.value} label={props.label} class="absolute top-1 right-1" />
    </div>
  );
}
