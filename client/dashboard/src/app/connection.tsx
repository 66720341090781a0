import { createMemo, Show } from "solid-js";
import { connectionState, retryAll } from "../live/connection.ts";
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

/** The truth of this tab's streams, not of the network card. */
export function Connection() {
  const state = createMemo(connectionState);
  const text = () => {
    const current = state();
    switch (current?.phase) {
      case "live":
        return "Live";
      case "connecting":
        return "Connecting";
      case "catching-up":
        return `Catching up, ${plural(current.received, "event")}`;
      case "reconnecting":
      case "offline": {
        const seconds = Math.max(0, Math.ceil((current.retryAt - now()) / 1000));
        const word = current.phase === "offline" ? "Offline" : "Reconnecting";
        return seconds > 0 ? `${word}, retry in ${seconds} s` : `${word}…`;
      }
      default:
        return "";
    }
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
          <span role="status">{text()}</span>
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
