/** A block is rendered as a whole, so it stays small: long messages become several rows. */
const LIMIT = 2000;

function fences(text: string): number {
  return text.match(/^\s*```/gm)?.length ?? 0;
}

/** Where to cut: after a blank line outside of a code fence, else after a line, else anywhere. */
function cutAt(text: string): number {
  for (let at = text.lastIndexOf("\n\n", LIMIT); at > 0; at = text.lastIndexOf("\n\n", at - 1)) {
    if (fences(text.slice(0, at)) % 2 === 0) return at + 2;
  }
  const line = text.lastIndexOf("\n", LIMIT);
  return line > 0 ? line + 1 : LIMIT;
}

/**
 * The same text in memory of its own. Engines keep a part of a text as a reference to the whole: the blocks of an event
 * would each hold all of it. Joining two parts and reading the result copies them.
 */
function detached(text: string): string {
  const own = text.slice(0, 1) + text.slice(1);
  own.charCodeAt(0);
  return own;
}

/** Appends in place; only the last block ever changes, so a growing message costs what it grew. */
export function appendText(blocks: string[], text: string): void {
  let rest = (blocks.at(-1) ?? "") + text;
  let at = Math.max(0, blocks.length - 1);
  const cuts = rest.length > LIMIT;
  while (rest.length > LIMIT) {
    const cut = cutAt(rest);
    blocks[at] = detached(rest.slice(0, cut));
    rest = rest.slice(cut);
    at += 1;
  }
  if (rest.length > 0 || at === 0) blocks[at] = cuts ? detached(rest) : rest;
}

export function blocksOf(text: string): string[] {
  // An array that grows takes room for more: most messages are one block.
  if (text.length <= LIMIT) return [text];
  const blocks: string[] = [];
  appendText(blocks, text);
  return blocks;
}
