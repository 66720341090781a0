import DOMPurify from "dompurify";
import { marked } from "marked";
import { createMemo } from "solid-js";

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  // Both scroll sideways, which the keyboard must be able to do too.
  if (node.tagName === "PRE" || node.tagName === "TABLE") node.setAttribute("tabindex", "0");
  if (node.tagName !== "A") return;
  node.setAttribute("rel", "noopener noreferrer nofollow");
  node.setAttribute("target", "_blank");
});

/** Markdown of strangers: sanitised, no images from elsewhere, no styles, no forms. */
export default function Markdown(props: { text: string; class?: string; breaks?: boolean }) {
  const html = createMemo(() =>
    DOMPurify.sanitize(marked.parse(props.text, { async: false, gfm: true, breaks: props.breaks }), {
      USE_PROFILES: { html: true },
      FORBID_TAGS: ["style", "form", "input", "button", "img", "video", "audio", "iframe"],
      FORBID_ATTR: ["style", "class", "id", "name"],
    }),
  );
  return <div class={`markdown ${props.class ?? ""}`} innerHTML={html()} />;
}
