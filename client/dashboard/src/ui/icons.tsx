import type { JSX } from "solid-js";

const PATHS = {
  overview: "M3 3h4v5H3zM9 3h4v3H9zM9 8h4v5H9zM3 10h4v3H3z",
  run: "M5 3.5v9l7-4.5z",
  pipeline:
    "M3.5 8h3M9.5 8h3M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM2 6.5h1.5v3H2zM12.5 6.5H14v3h-1.5z",
  deploy: "M8 10V3M5 5.5 8 2.5l3 3M3 10v3h10v-3",
  activity: "M2 8h2.5l2-4.5 3 9 2-4.5H14",
  inbox: "M3 3.5h10l1 6v3H2v-3zM2 9.5h3.5l1 1.5h3l1-1.5H14",
  projects: "M2.5 4h4l1.2 1.5h5.8v7h-11z",
  settings:
    "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 2v1.6M8 12.4V14M2 8h1.6M12.4 8H14M3.8 3.8l1.1 1.1M11.1 11.1l1.1 1.1M3.8 12.2l1.1-1.1M11.1 4.9l1.1-1.1",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.2 3.2",
  chevron: "m6 4 4 4-4 4",
  down: "m4 6 4 4 4-4",
  up: "m4 10 4-4 4 4",
  check: "m3.5 8.5 3 3 6-7",
  cross: "m4.5 4.5 7 7M11.5 4.5l-7 7",
  plus: "M8 3.5v9M3.5 8h9",
  copy: "M5.5 5.5V3h7.5v7.5h-2.5M3 5.5h7.5V13H3z",
  external: "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.5 3.5l-5 5",
  screen: "M2.5 3.5h11v7.5h-11zM6 13.5h4",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M3.6 12.4l1-1M11.4 4.6l1-1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  stop: "M4.5 4.5h7v7h-7z",
  retry: "M12.8 8a4.8 4.8 0 1 1-1.6-3.6M13 2.5v2.4h-2.4",
  branch: "M5 3.2v9.6M5 10c0-3 6-2 6-5M5 2.8v.1M5 13v.1M11 4.8v.1",
  commit: "M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8zM2 8h3.6M10.4 8H14",
  pull: "M4.5 5v6M4.5 3v.1M4.5 13v.1M11.5 11V6.5c0-1.5-1-2-2.5-2H7.5M9 2.5l-2 2 2 2M11.5 13v.1",
  person: "M8 3a2.4 2.4 0 1 0 0 4.8A2.4 2.4 0 0 0 8 3zM3.2 13c.4-2.6 2.3-4 4.8-4s4.4 1.4 4.8 4",
  key: "M10.5 2.8a3 3 0 0 0-2.8 4L3 11.5V13h2v-1.2h1.3v-1.3h1.2l1.3-1.3a3 3 0 1 0 1.7-6.4zM11 5.4v.1",
  audit: "M4 2.5h8v11H4zM6 5.5h4M6 8h4M6 10.5h2.5",
  admin: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5v.1M5 11v.1",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3",
  pause: "M5.5 4v8M10.5 4v8",
  skip: "M4 4l5 4-5 4zM11.5 4v8",
  tool: "M10.2 2.8a3.2 3.2 0 0 0-3 4.3L2.8 11.5l1.7 1.7 4.4-4.4a3.2 3.2 0 0 0 4.2-4l-1.9 1.9-1.7-.3-.3-1.7 1.9-1.9z",
  book: "M3 3.2h4.2L8 4l.8-.8H13v9H8.8l-.8.8-.8-.8H3zM8 4v9",
  graph: "M8 2.5l4.8 2.8v5.4L8 13.5l-4.8-2.8V5.3z",
  logout: "M6.5 3h-3v10h3M10 5l3 3-3 3M13 8H6.5",
  warn: "M8 2.8 14 13H2zM8 6.5v3M8 11.3v.1",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
} as const;

export type IconName = keyof typeof PATHS;

/** A 16 px line icon in the colour of the text. It repeats a word beside it, or the button has a label. */
export function Icon(props: { name: IconName; class?: string; size?: number }): JSX.Element {
  return (
    <svg
      class={`shrink-0 ${props.class ?? ""}`}
      width={props.size ?? 16}
      height={props.size ?? 16}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[props.name]} />
    </svg>
  );
}
