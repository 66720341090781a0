import { useNavigate } from "@solidjs/router";
import { Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { hasRole, useSession } from "../../app/viewer.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { DeleteProjectDocument } from "./data.ts";

/** Says that this is the demo; one click removes it. */
export function DemoNote(props: { project: { id: string; viewerRole: string | null } }) {
  const session = useSession();
  const navigate = useNavigate();
  const remove = createAction(async () => {
    await mutate(DeleteProjectDocument, { input: { id: props.project.id } });
    session.reload();
    navigate("/projects");
  });
  return (
    <div class="mx-4 mb-4 flex flex-wrap items-center gap-3 rounded-md bg-wait-soft px-4 py-2.5 md:mx-6">
      <p class="min-w-0 flex-1 basis-64">
        <strong class="font-semibold">Demo.</strong> A recorded story, posted through the real webhook and API
        when Shiplog first started.
      </p>
      <ActionError error={remove.error()} />
      <Show when={hasRole(props.project, "owner")}>
        <button type="button" class="btn" disabled={remove.pending()} onClick={() => void remove.run()}>
          {remove.pending() ? "Removing…" : "Remove the demo"}
        </button>
      </Show>
    </div>
  );
}
