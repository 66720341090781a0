import { createMemo, createRenderEffect, For, untrack } from "solid-js";
import { tellsError } from "./log.ts";

interface Part {
  readonly text: string;
  /** Which hit of the text it is; null when it is none. */
  readonly hit: number | null;
  readonly error: boolean;
}

function partsOf(text: string, search: string, errors: boolean): Part[] {
  const needle = search.toLowerCase();
  const parts: Part[] = [];
  let hits = 0;
  const add = (piece: string, error: boolean) => {
    const lower = needle ? piece.toLowerCase() : "";
    let from = 0;
    for (let at = needle ? lower.indexOf(needle) : -1; at >= 0; at = lower.indexOf(needle, from)) {
      if (at > from) parts.push({ text: piece.slice(from, at), hit: null, error });
      from = at + needle.length;
      parts.push({ text: piece.slice(at, from), hit: hits, error });
      hits += 1;
    }
    if (from < piece.length) parts.push({ text: piece.slice(from), hit: null, error });
  };
  if (!errors) add(text, false);
  else for (const line of text.split(/(?<=\n)/)) add(line, tellsError(line));
  return parts;
}

/**
 * Text with what was searched for marked, the hit that the reader is at more than the others; with `errors`, the
 * lines that tell of one are red.
 */
export function Highlight(props: { text: string; search: string; current?: number; errors?: boolean }) {
  const parts = createMemo(() =>
    props.search || props.errors ? partsOf(props.text, props.search, props.errors ?? false) : [],
  );
  return (
    <>
      {props.search || props.errors ? (
        <For each={parts()}>
          {(part) => {
            const shown = part.hit === null ? part.text : <Mark part={part} current={props.current} />;
            return part.error ? (
              <span class="text-fail" data-error="">
                {shown}
              </span>
            ) : (
              shown
            );
          }}
        </For>
      ) : (
        <Text text={props.text} />
      )}
    </>
  );
}

/** The browser lays out only what is appended to a text, and all of a text that is set. */
function Text(props: { text: string }) {
  const node = document.createTextNode(untrack(() => props.text));
  createRenderEffect((before: string) => {
    const { text } = props;
    if (text.length > before.length && text.startsWith(before)) node.appendData(text.slice(before.length));
    else if (text !== before) node.data = text;
    return text;
  }, node.data);
  return node;
}

function Mark(props: { part: Part; current: number | undefined }) {
  const current = () => props.part.hit === props.current;
  return (
    <mark
      class={`rounded-xs ${current() ? "bg-accent text-on-accent" : "bg-mark text-text"}`}
      data-current={current() ? "" : undefined}
    >
      {props.part.text}
    </mark>
  );
}
