import { Match, Switch } from "solid-js";

export type Tone = "ok" | "fail" | "run" | "wait" | "idle";
type Shape = "check" | "cross" | "spin" | "dot" | "pause" | "stop" | "skip";
interface Look {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
}

/** Every status of runs, pipelines, jobs, deployments, deliveries and integrations: one tone, shape and word. */
const LOOKS: Readonly<Record<string, Look>> = {
  PENDING: { tone: "idle", shape: "dot", word: "Pending" },
  QUEUED: { tone: "idle", shape: "dot", word: "Queued" },
  RECEIVED: { tone: "idle", shape: "dot", word: "Received" },
  WAITING: { tone: "wait", shape: "pause", word: "Waiting" },
  WAITING_APPROVAL: { tone: "wait", shape: "pause", word: "Needs approval" },
  RUNNING: { tone: "run", shape: "spin", word: "Running" },
  SUCCESS: { tone: "ok", shape: "check", word: "Passed" },
  COMPLETED: { tone: "ok", shape: "check", word: "Completed" },
  PROCESSED: { tone: "ok", shape: "check", word: "Processed" },
  ACTIVE: { tone: "ok", shape: "check", word: "Active" },
  FAILED: { tone: "fail", shape: "cross", word: "Failed" },
  FAILING: { tone: "fail", shape: "cross", word: "Failing" },
  CANCELLED: { tone: "idle", shape: "stop", word: "Cancelled" },
  DISABLED: { tone: "idle", shape: "stop", word: "Disabled" },
  SKIPPED: { tone: "idle", shape: "skip", word: "Skipped" },
  IGNORED: { tone: "idle", shape: "skip", word: "Ignored" },
  INACTIVE: { tone: "idle", shape: "stop", word: "Replaced" },
  ARCHIVED: { tone: "idle", shape: "stop", word: "Archived" },
};
const TEXT: Record<Tone, string> = {
  ok: "text-ok",
  fail: "text-fail",
  run: "text-run",
  wait: "text-wait",
  idle: "text-idle",
};
const SOFT: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  fail: "bg-fail-soft text-fail",
  run: "bg-run-soft text-run",
  wait: "bg-wait-soft text-wait",
  idle: "bg-idle-soft text-idle",
};

export function lookOf(status: string): Look {
  return LOOKS[status] ?? { tone: "idle", shape: "dot", word: status.toLowerCase() };
}
export function isLive(status: string): boolean {
  return ["PENDING", "QUEUED", "WAITING", "WAITING_APPROVAL", "RUNNING", "RECEIVED"].includes(status);
}

interface IconProps {
  readonly status: string;
  readonly size?: number;
  /** Says the word too, where none stands beside it. */
  readonly label?: boolean;
  /** What was once running does not turn any more. */
  readonly still?: boolean;
}

export function StatusIcon(props: IconProps) {
  const look = () => lookOf(props.status);
  // All of it turns: a part that does would make the browser lay out the page in each frame that it draws.
  const spin = () => (look().shape === "spin" && !props.still ? "spin" : "");
  return (
    <svg
      class={`shrink-0 ${TEXT[look().tone]} ${spin()}`}
      width={props.size ?? 16}
      height={props.size ?? 16}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      role={props.label ? "img" : undefined}
      aria-label={props.label ? look().word : undefined}
      aria-hidden={props.label ? undefined : "true"}
    >
      <Switch fallback={<circle cx="8" cy="8" r="5.6" />}>
        <Match when={look().shape === "check"}>
          <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
          <path d="m5 8.3 2 2 4-4.4" class="stroke-panel" />
        </Match>
        <Match when={look().shape === "cross"}>
          <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
          <path d="m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4" class="stroke-panel" />
        </Match>
        <Match when={look().shape === "spin"}>
          <circle cx="8" cy="8" r="6" opacity="0.25" />
          <path d="M8 2a6 6 0 0 1 6 6" />
        </Match>
        <Match when={look().shape === "pause"}>
          <circle cx="8" cy="8" r="6" />
          <path d="M6.5 6v4M9.5 6v4" />
        </Match>
        <Match when={look().shape === "stop"}>
          <circle cx="8" cy="8" r="6" />
          <path d="m4.2 11.8 7.6-7.6" />
        </Match>
        <Match when={look().shape === "skip"}>
          <circle cx="8" cy="8" r="6" stroke-dasharray="2.2 2.4" />
        </Match>
      </Switch>
    </svg>
  );
}

/** Icon, colour and word: never colour alone. */
export function Status(props: { status: string; word?: string; class?: string }) {
  return (
    <span class={`inline-flex items-center gap-1.5 whitespace-nowrap ${props.class ?? ""}`}>
      <StatusIcon status={props.status} />
      <span class={TEXT[lookOf(props.status).tone]}>{props.word ?? lookOf(props.status).word}</span>
    </span>
  );
}

export function StatusBadge(props: { status: string }) {
  return (
    <span
      class={`inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-full pr-2.5 pl-1 text-sm font-medium ${SOFT[lookOf(props.status).tone]}`}
    >
      <StatusIcon status={props.status} />
      {lookOf(props.status).word}
    </span>
  );
}

export function Pill(props: { tone: Tone; children: string }) {
  return (
    <span class={`inline-flex h-5 items-center whitespace-nowrap rounded px-1.5 text-xs ${SOFT[props.tone]}`}>
      {props.children}
    </span>
  );
}
