import { useNavigate } from "@solidjs/router";
import { createSignal } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { useSession } from "../../app/viewer.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { CreateProjectDocument } from "./data.ts";

export default function CreateProject(props: { onClose: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const [name, setName] = createSignal("");
  const [description, setDescription] = createSignal("");
  const [url, setUrl] = createSignal("");
  const create = createAction(async () => {
    const input = {
      name: name().trim(),
      description: description().trim(),
      repositoryUrl: url().trim() || null,
    };
    const { project } = await mutate(CreateProjectDocument, { input });
    session.reload();
    navigate(`/p/${project.slug}/settings/integrations`);
  });
  const issue = (field: string) => create.error()?.issues.find((one) => one.path.includes(field))?.message;
  return (
    <Dialog
      title="New project"
      description="You own it; others join when you add them."
      open
      onClose={props.onClose}
    >
      <form class="flex flex-col gap-4" onSubmit={submits(create)}>
        <TextField
          label="Name"
          required
          maxLength={100}
          autofocus
          error={issue("name") ?? issue("slug")}
          value={name()}
          onText={setName}
        />
        <TextArea
          label="Description"
          rows={2}
          error={issue("description")}
          value={description()}
          onText={setDescription}
        />
        <TextField
          label="Repository"
          type="url"
          placeholder="https://github.com/owner/name"
          hint="The main one, if it has one. Integrations take deliveries of any repository."
          error={issue("repositoryUrl")}
          value={url()}
          onText={setUrl}
        />
        <ActionError error={create.error()} />
        <div class="flex justify-end gap-2">
          <button type="button" class="btn btn-quiet" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="btn btn-primary" disabled={create.pending() || name().trim() === ""}>
            {create.pending() ? "Creating…" : "Create project"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
