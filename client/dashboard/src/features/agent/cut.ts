import type { RunEvent } from "./run_event.ts";

/** About the characters of four lines; a piece of text ends with a line where it can. */
const PIECE = 300;

/** Cuts much text that came as one event into events of a few lines. */
export function cutText(event: RunEvent): readonly RunEvent[] {
  if (event.__typename !== "AgentTextDelta" || event.text.length <= 2 * PIECE) return [event];
  const { text } = event;
  const parts: RunEvent[] = [];
  for (let from = 0; from < text.length; ) {
    const line = text.indexOf("\n", from + PIECE - 1) + 1;
    const near = line > 0 && line <= from + 2 * PIECE;
    const to = near ? line : text.length - from <= 2 * PIECE ? text.length : from + PIECE;
    parts.push({ ...event, text: text.slice(from, to), more: to < text.length });
    from = to;
  }
  return parts;
}
