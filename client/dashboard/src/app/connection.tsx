import { createMemo, Show } from "solid-js";
import { connectionState, retryAll } from "../live/connection.ts";
import type { StreamState } from "../live/stream.ts";
import { plural } from "../ui/format.ts";
import { now } from "../ui/time.tsx";

const LOOK = {
  live: { dot: "bg-ok", text: "text-muted" },
  connecting: { dot: "bg-idle pulse", text: "text-muted" },
  "catching-up": { dot: "bg-run pulse", text: "text-run" },
  reconnecting: { dot: "bg-wait pulse", text: "text-wait" },
  offline: { dot: "bg-fail", text: "text-fail" },
  ended: { dot: "bg-idle", text: "text-muted" },
  denied: { dot: "bg-idle", text: "text-muted" },
  asleep: { dot: "bg-idle", text: "text-muted" },
} as const;

const WORD: Partial<Record<StreamState["phase"], string>> = {
  live: "Live",
  connecting: "Connecting",
  "catching-up": "Catching up",
  reconnecting: "Reconnecting",
  offline: "Offline",
};

/** The truth of this tab's streams, not of the network card. */
export function Connection() {
  const state = createMemo(connectionState);
  const word = createMemo(() => WORD[state()?.phase ?? "ended"] ?? "");
  const detail = () => {
    const current = state();
    if (current?.phase === "catching-up") return `, ${plural(current.received, "event")}`;
    if (current?.phase !== "reconnecting" && current?.phase !== "offline") return "";
    const seconds = Math.max(0, Math.ceil((current.retryAt - now()) / 1000));
    return seconds > 0 ? `, retry in ${seconds} s` : "…";
  };
  const waiting = () => state()?.phase === "reconnecting" || state()?.phase === "offline";
  return (
    <Show when={state()}>
      {(current) => (
        <div
          class={`flex items-center gap-2 px-2 text-sm whitespace-nowrap ${LOOK[current().phase].text}`}
          data-connection={current().phase}
        >
          <span class={`size-2 rounded-full ${LOOK[current().phase].dot}`} aria-hidden="true" />
          <span>
            {/* The seconds stand outside: a screen reader would tell each of them. */}
            <span role="status">{word()}</span>
            {detail()}
          </span>
          <Show when={waiting()}>
            <button type="button" class="link" onClick={retryAll}>
              Retry now
            </button>
          </Show>
        </div>
      )}
    </Show>
  );
}
