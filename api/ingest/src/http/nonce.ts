import { randomBytes } from "node:crypto";

/**
 * Lets a tool that knows nothing of nonces style itself under a policy without 'unsafe-inline': style elements that
 * its scripts make get the nonce, and style attributes, for which there are no nonces, are set through the CSSOM,
 * which the policy allows. Attributes in HTML texts are found in start tags only: what a text says is left alone.
 */
const STYLES = `
const { nonce } = document.currentScript;
const make = Document.prototype.createElement;
Document.prototype.createElement = function (...given) {
  const element = make.apply(this, given);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (String(name).toLowerCase() === "style" && this.style) this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
const TAG = /<[a-z][^\\s>/]*(?:\\s+[^\\s=>"'/]+(?:\\s*=\\s*(?:"[^"]*"|'[^']*'|[^\\s"'>]+))?)+\\s*\\/?>/gi;
const STYLE = /(\\s)style(?=\\s*=)/i;
const moved = (html) => String(html).replace(TAG, (tag) => tag.replace(STYLE, "$1data-style"));
const restore = (root) => {
  for (const element of root.querySelectorAll("[data-style]")) {
    element.style.cssText = element.dataset.style;
    delete element.dataset.style;
  }
};
const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
Object.defineProperty(Element.prototype, "innerHTML", {
  ...inner,
  set(html) {
    inner.set.call(this, moved(html));
    restore(this.content ?? this);
  },
});
const insert = Element.prototype.insertAdjacentHTML;
Element.prototype.insertAdjacentHTML = function (where, html) {
  insert.call(this, where, moved(html));
  restore(this.parentNode ?? this);
};
`;

/** What a page of a tool needs for its policy: the nonce of its scripts, and what stands first in its head. */
export interface Nonced {
  readonly nonce: string;
  readonly head: string;
}

/**
 * The page of a tool and its policy: scripts run, and styles hold, by a nonce of this answer, and nothing comes from
 * another host.
 */
export function nonced(page: (given: Nonced) => string, sources: readonly string[]) {
  const nonce = randomBytes(18).toString("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    ...sources,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const head = `<meta property="csp-nonce" nonce="${nonce}" content="${nonce}">
    <script nonce="${nonce}">${STYLES}</script>`;
  return { html: page({ nonce, head }), policy };
}
