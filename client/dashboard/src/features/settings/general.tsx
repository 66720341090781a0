import { useNavigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { hasRole, useSession } from "../../app/viewer.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { DeleteProjectDocument } from "../project/data.ts";
import { UpdateProjectDocument } from "./data.ts";
import type { TabProps } from "./page.tsx";

export function General(props: TabProps) {
  const session = useSession();
  const [name, setName] = createSignal(props.project.name);
  const [description, setDescription] = createSignal(props.project.description);
  const [url, setUrl] = createSignal(props.project.repositoryUrl ?? "");
  const [stack, setStack] = createSignal(props.project.techStack.join(", "));
  const [saved, setSaved] = createSignal(false);
  const readonly = () => !hasRole(props.project, "maintainer");
  const changed = () =>
    name().trim() !== props.project.name ||
    description().trim() !== props.project.description ||
    url().trim() !== (props.project.repositoryUrl ?? "") ||
    stack() !== props.project.techStack.join(", ");
  const save = createAction(async () => {
    setSaved(false);
    await mutate(UpdateProjectDocument, {
      input: {
        id: props.project.id,
        name: name().trim(),
        description: description().trim(),
        repositoryUrl: url().trim() || null,
        techStack: stack()
          .split(",")
          .map((one) => one.trim())
          .filter(Boolean),
      },
    });
    setSaved(true);
    props.changed();
    session.reload();
  });
  return (
    <>
      <Section title="General">
        <form class="flex flex-col gap-4 p-4" onInput={() => setSaved(false)} onSubmit={submits(save)}>
          <fieldset class="flex flex-col gap-4" disabled={readonly()}>
            <legend class="sr-only">General settings</legend>
            <TextField label="Name" required maxLength={100} value={name()} onText={setName} />
            <TextArea label="Description" rows={2} value={description()} onText={setDescription} />
            <TextField
              label="Repository"
              type="url"
              placeholder="https://github.com/owner/name"
              value={url()}
              onText={setUrl}
            />
            <TextField label="Tech stack" hint="Separated by commas." value={stack()} onText={setStack} />
          </fieldset>
          <ActionError error={save.error()} />
          <Show
            when={!readonly()}
            fallback={<p class="text-muted">Maintainers and owners may change these.</p>}
          >
            <div class="flex items-center justify-end gap-3">
              <span class="text-ok" role="status">
                {saved() ? "Saved." : ""}
              </span>
              <button
                type="submit"
                class="btn btn-primary"
                disabled={save.pending() || name().trim() === "" || !changed()}
              >
                {save.pending() ? "Saving…" : "Save"}
              </button>
            </div>
          </Show>
        </form>
      </Section>
      <Show when={hasRole(props.project, "owner")}>
        <Danger {...props} />
      </Show>
    </>
  );
}

function Danger(props: TabProps) {
  const session = useSession();
  const navigate = useNavigate();
  const [typed, setTyped] = createSignal("");
  const archived = () => props.project.status === "ARCHIVED";
  const archive = createAction(async () => {
    await mutate(UpdateProjectDocument, {
      input: { id: props.project.id, status: archived() ? "ACTIVE" : "ARCHIVED" },
    });
    props.changed();
    session.reload();
  });
  const remove = createAction(async () => {
    await mutate(DeleteProjectDocument, { input: { id: props.project.id } });
    session.reload();
    navigate("/projects");
  });
  return (
    <Section title="Danger zone" class="!border-fail/40">
      <div class="flex flex-wrap items-center gap-3 border-b border-line p-4">
        <p class="min-w-0 flex-1 basis-72">
          <strong class="block font-medium">
            {archived() ? "Bring the project back" : "Archive the project"}
          </strong>
          <span class="text-muted">Everything is kept and stays readable.</span>
        </p>
        <button type="button" class="btn" disabled={archive.pending()} onClick={() => void archive.run()}>
          {archived() ? "Unarchive" : "Archive"}
        </button>
      </div>
      <div class="flex flex-wrap items-end gap-3 p-4">
        <div class="min-w-0 flex-1 basis-72">
          <strong class="font-medium">Delete the project</strong>
          <p class="mb-2 text-muted">
            Its runs, pipelines, activity, deliveries and keys go with it. This cannot be undone.
          </p>
          <TextField
            label={`Type “${props.project.slug}” to confirm`}
            autocomplete="off"
            value={typed()}
            onText={setTyped}
          />
        </div>
        <button
          type="button"
          class="btn btn-danger !h-8"
          disabled={typed() !== props.project.slug || remove.pending()}
          onClick={() => void remove.run()}
        >
          {remove.pending() ? "Deleting…" : "Delete project"}
        </button>
      </div>
      <div class="px-4 empty:hidden">
        <ActionError error={archive.error() ?? remove.error()} />
      </div>
    </Section>
  );
}
