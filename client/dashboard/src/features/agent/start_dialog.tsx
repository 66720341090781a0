import { useNavigate } from "@solidjs/router";
import { createEffect, createSignal, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { createQuery } from "../../api/query.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { ActionError, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { SelectField, TextArea } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { AgentTypesDocument, StartRunDocument } from "./data.ts";

/** Starts a run and goes to it. */
export default function StartRun(props: { projectId: string; onClose: () => void }) {
  const navigate = useNavigate();
  const query = createQuery(AgentTypesDocument, () => ({ projectId: props.projectId }));
  const [type, setType] = createSignal("");
  const [task, setTask] = createSignal("");
  const [path, setPath] = createSignal("");
  const types = () => query.data()?.agentTypes ?? [];
  const chosen = () => types().find((one) => one.name === type());
  const paths = () => [
    ...new Set([
      ...(query.data()?.project?.workspaces ?? []),
      ...(query.data()?.workspaces ?? []).map((one) => one.path),
    ]),
  ];
  createEffect(() => {
    if (!type()) setType(types()[0]?.name ?? "");
    if (!path()) setPath(paths()[0] ?? "");
  });
  const start = createAction(async () => {
    const { execution } = await mutate(StartRunDocument, {
      input: {
        projectId: props.projectId,
        agentType: type(),
        taskDescription: task().trim() || `Run ${type()}`,
        inputData: chosen()?.needsWorkspace ? { path: path() } : {},
      },
    });
    navigate(`/runs/${execution.id}`);
  });
  return (
    <Dialog
      title="Start a run"
      description="It runs in a Shiplog worker; you watch it live."
      open
      onClose={props.onClose}
    >
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={query.data()} fallback={<SkeletonText />}>
        <form class="flex flex-col gap-4" onSubmit={submits(start)}>
          <SelectField
            label="Agent"
            hint={chosen()?.description}
            value={type()}
            options={types().map((one) => ({ value: one.name, label: one.name }))}
            onChange={setType}
          />
          <TextArea
            label="Task"
            rows={2}
            placeholder={`Run ${type()}`}
            hint="What this run is for, in a few words: its title in lists."
            value={task()}
            onText={setTask}
          />
          <Show when={chosen()?.needsWorkspace}>
            <Show
              when={paths().length > 0}
              fallback={
                <p class="rounded-md bg-wait-soft p-3">
                  No folder may be read for this project yet. An administrator links one under Settings,
                  Workspaces.
                </p>
              }
            >
              <SelectField
                label="Workspace"
                hint="The folder on the server that the agent reads."
                value={path()}
                options={paths().map((one) => ({ value: one, label: one }))}
                onChange={setPath}
              />
            </Show>
          </Show>
          <ActionError error={start.error()} />
          <div class="flex justify-end gap-2">
            <button type="button" class="btn btn-quiet" onClick={props.onClose}>
              Cancel
            </button>
            <button
              type="submit"
              class="btn btn-primary"
              disabled={start.pending() || (chosen()?.needsWorkspace && paths().length === 0)}
            >
              <Icon name="run" /> {start.pending() ? "Starting…" : "Start"}
            </button>
          </div>
        </form>
      </Show>
    </Dialog>
  );
}
