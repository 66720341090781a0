import { createSignal, Show } from "solid-js";
import { CopyButton } from "../../ui/copy.tsx";
import { JsonView } from "../../ui/json.tsx";
import { LazyMarkdown } from "../../ui/lazy_markdown.tsx";
import type { RunState } from "./run_state.ts";

/** An object without a field is what agents return that have nothing to say. */
export function hasResult(output: unknown): boolean {
  if (output === null || output === undefined) return false;
  return typeof output !== "object" || Object.keys(output).length > 0;
}

/** The Markdown of a result: the text itself, or the field that agents put it in. */
function markdownOf(output: unknown): string | null {
  if (typeof output === "string") return output;
  if (output === null || typeof output !== "object") return null;
  const fields = output as Record<string, unknown>;
  for (const name of ["markdown", "report", "summary", "text"]) {
    const value = fields[name];
    if (typeof value === "string") return value;
  }
  return null;
}

const LIVE = "The result appears here when the run ends.";
const NONE = "This run returned no result; the log says how far it came.";
const GONE = "The project no longer keeps what this run was asked and what it returned.";

/** What the run came to: as a text to read, or as the data it returned. */
export function ResultPane(props: { state: RunState }) {
  const output = () => props.state.run()?.outputData;
  const markdown = () => markdownOf(output());
  const [raw, setRaw] = createSignal(false);
  const showRaw = () => raw() || markdown() === null;
  return (
    <div class="flex min-h-0 flex-1 flex-col">
      <Show
        when={hasResult(output())}
        fallback={
          <p class="p-6 text-muted">
            {props.state.live() ? LIVE : props.state.run()?.contentRemovedAt ? GONE : NONE}
          </p>
        }
      >
        <div class="flex h-9 shrink-0 items-center gap-1 border-b border-line px-3">
          <Show when={markdown() !== null}>
            <button
              type="button"
              class={`btn btn-quiet !h-6 ${showRaw() ? "" : "!text-text"}`}
              aria-pressed={!showRaw()}
              onClick={() => setRaw(false)}
            >
              Report
            </button>
          </Show>
          <button
            type="button"
            class={`btn btn-quiet !h-6 ${showRaw() ? "!text-text" : ""}`}
            aria-pressed={showRaw()}
            onClick={() => setRaw(true)}
          >
            Data
          </button>
          <CopyButton
            value={showRaw() ? JSON.stringify(output(), null, 2) : (markdown() ?? "")}
            label="Copy the result"
            class="ml-auto"
          />
        </div>
        <section class="min-h-0 flex-1 overflow-auto px-4 py-5 md:px-8" tabindex="0" aria-label="Result">
          <Show when={!showRaw()} fallback={<JsonView value={output()} label="output data" tall />}>
            <LazyMarkdown text={markdown() ?? ""} class="max-w-[760px]" />
          </Show>
        </section>
      </Show>
    </div>
  );
}
