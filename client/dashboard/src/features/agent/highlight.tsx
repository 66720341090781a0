import { createMemo, For } from "solid-js";

interface Part {
  readonly text: string;
  readonly hit: boolean;
}

/** Text with what was searched for marked. */
export function Highlight(props: { text: string; search: string }) {
  const parts = createMemo((): Part[] => {
    const needle = props.search.toLowerCase();
    if (!needle) return [];
    const lower = props.text.toLowerCase();
    const found: Part[] = [];
    let from = 0;
    for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
      if (at > from) found.push({ text: props.text.slice(from, at), hit: false });
      from = at + needle.length;
      found.push({ text: props.text.slice(at, from), hit: true });
    }
    found.push({ text: props.text.slice(from), hit: false });
    return found;
  });
  return (
    <>
      {props.search ? (
        <For each={parts()}>
          {(part) => (part.hit ? <mark class="rounded-xs bg-mark text-text">{part.text}</mark> : part.text)}
        </For>
      ) : (
        props.text
      )}
    </>
  );
}
