import { createSignal, Show } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { CopyBlock } from "../../ui/copy.tsx";
import { ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { EventContentDocument } from "./data.ts";

/** What was too long for its event: loaded when asked for. */
export function Content(props: { id: string; label: string }) {
  const [wanted, setWanted] = createSignal(false);
  return (
    <Show
      when={wanted()}
      fallback={
        <button type="button" class="link self-start text-xs" onClick={() => setWanted(true)}>
          {props.label}
        </button>
      }
    >
      <Loaded id={props.id} />
    </Show>
  );
}

function Loaded(props: { id: string }) {
  const query = createQuery(EventContentDocument, () => ({ id: props.id }));
  return (
    <>
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={query.data()} fallback={<SkeletonText lines={3} />}>
        {(data) => (
          <Show when={data().eventContent} fallback={<p class="text-xs text-muted">It is no longer kept.</p>}>
            {(content) => <CopyBlock value={content().body} label="Copy" />}
          </Show>
        )}
      </Show>
    </>
  );
}
