import { createSignal, For } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { Check, SelectField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { CreateKeyDocument } from "./data.ts";

const SCOPES = [
  { scope: "agent:write", label: "Stream agent runs in", hint: "agent:write; also reads runs" },
  { scope: "activity:write", label: "Record AI activity", hint: "activity:write; also reads activity" },
  { scope: "agent:read", label: "Read agent runs", hint: "agent:read" },
  { scope: "pipeline:read", label: "Read pipelines and deployments", hint: "pipeline:read" },
  { scope: "activity:read", label: "Read AI activity", hint: "activity:read" },
  { scope: "metrics:read", label: "Read metrics", hint: "metrics:read" },
  { scope: "project:read", label: "Read the project", hint: "project:read; name, description, repository" },
];

interface Props {
  /** Null: a key of the person. */
  readonly projectId: string | null;
  readonly onSecret: (secret: string) => void;
}

export function CreateKey(props: Props) {
  const [name, setName] = createSignal("");
  const [scopes, setScopes] = createSignal<readonly string[]>(["agent:write"]);
  const [days, setDays] = createSignal("90");
  const create = createAction(async () => {
    const expiresAt = days() ? new Date(Date.now() + Number(days()) * 86_400_000).toISOString() : null;
    const { secret } = await mutate(CreateKeyDocument, {
      input: { projectId: props.projectId, name: name().trim(), scopes: [...scopes()], expiresAt },
    });
    setName("");
    props.onSecret(secret);
  });
  const toggle = (scope: string, on: boolean) =>
    setScopes((old) => (on ? [...old, scope] : old.filter((one) => one !== scope)));
  return (
    <Section title={props.projectId ? "Create an API key" : "Create a personal key"}>
      <form class="flex flex-col gap-4 p-4" onSubmit={submits(create)}>
        <div class="grid gap-4 md:grid-cols-2">
          <TextField
            label="Name"
            required
            hint="What will use it, e.g. claude-code in CI."
            value={name()}
            onText={setName}
          />
          <SelectField
            label="Expires"
            value={days()}
            options={[
              { value: "30", label: "In 30 days" },
              { value: "90", label: "In 90 days" },
              { value: "365", label: "In a year" },
              { value: "", label: "Never" },
            ]}
            onChange={setDays}
          />
        </div>
        <fieldset class="grid gap-2 md:grid-cols-2">
          <legend class="mb-1.5 text-sm font-medium">What it may do</legend>
          <For each={SCOPES}>
            {(one) => (
              <Check
                label={one.label}
                hint={one.hint}
                checked={scopes().includes(one.scope)}
                onChange={(on) => toggle(one.scope, on)}
              />
            )}
          </For>
        </fieldset>
        <ActionError error={create.error()} />
        <button
          type="submit"
          class="btn btn-primary self-end"
          disabled={create.pending() || name().trim() === "" || scopes().length === 0}
        >
          {create.pending() ? "Creating…" : "Create key"}
        </button>
      </form>
    </Section>
  );
}
