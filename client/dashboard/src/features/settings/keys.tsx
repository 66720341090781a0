import { createSignal, For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { Check, SelectField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { CurlExample } from "./curl_example.tsx";
import { CreateKeyDocument, RevokeKeyDocument } from "./data.ts";
import type { SettingsProject, TabProps } from "./page.tsx";
import { SecretOnce } from "./secret_once.tsx";

type Key = NonNullable<SettingsProject["apiKeys"]>[number];

const SCOPES = [
  { scope: "agent:write", label: "Stream agent runs in", hint: "agent:write; also reads runs" },
  { scope: "activity:write", label: "Record AI activity", hint: "activity:write; also reads activity" },
  { scope: "agent:read", label: "Read agent runs", hint: "agent:read" },
  { scope: "pipeline:read", label: "Read pipelines and deployments", hint: "pipeline:read" },
  { scope: "activity:read", label: "Read AI activity", hint: "activity:read" },
  { scope: "metrics:read", label: "Read metrics", hint: "metrics:read" },
];

export function Keys(props: TabProps) {
  const [secret, setSecret] = createSignal<string>();
  return (
    <>
      <Show when={secret()}>
        {(one) => (
          <Section title="Your new key">
            <div class="flex flex-col gap-4 p-4">
              <SecretOnce what="API key" secret={one()} onDone={() => setSecret(undefined)} />
              <CurlExample projectId={props.project.id} secret={one()} />
            </div>
          </Section>
        )}
      </Show>
      <Section title="API keys">
        <For
          each={props.project.apiKeys ?? []}
          fallback={
            <p class="p-4 text-muted">
              None yet. An agent, a CI job or a script needs one to send and to read; create it below.
            </p>
          }
        >
          {(key) => <Row apiKey={key} changed={props.changed} />}
        </For>
      </Section>
      <CreateKey
        {...props}
        onCreated={(value) => {
          setSecret(value);
          props.changed();
        }}
      />
      <Show when={!secret()}>
        <Section title="Stream a run of your own agent">
          <div class="p-4">
            <CurlExample projectId={props.project.id} />
          </div>
        </Section>
      </Show>
    </>
  );
}

function Row(props: { apiKey: Key; changed: () => void }) {
  const revoke = createAction(async () => {
    await mutate(RevokeKeyDocument, { input: { id: props.apiKey.id } });
    props.changed();
  });
  return (
    <div class="border-b border-line px-4 py-2.5 last:border-b-0">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span class={`font-medium ${props.apiKey.revokedAt ? "text-muted line-through" : ""}`}>
          {props.apiKey.name}
        </span>
        <code class="text-xs text-muted">{props.apiKey.prefix}…</code>
        <For each={props.apiKey.scopes}>{(scope) => <Pill tone="idle">{scope}</Pill>}</For>
        <span class="ml-auto flex items-center gap-2">
          <Show when={!props.apiKey.revokedAt} fallback={<Pill tone="fail">revoked</Pill>}>
            <ConfirmButton
              label="Revoke"
              confirm="Revoke now"
              pending={revoke.pending()}
              onConfirm={() => void revoke.run()}
            />
          </Show>
        </span>
      </div>
      <p class="text-muted">
        Created <RelTime at={props.apiKey.createdAt} /> by {props.apiKey.createdBy?.name ?? "Shiplog"},{" "}
        <Show when={props.apiKey.lastUsedAt} fallback="never used">
          {(at) => (
            <>
              last used <RelTime at={at()} />
            </>
          )}
        </Show>
        <Show when={props.apiKey.expiresAt}>
          {(at) => <>, expires {new Date(at()).toLocaleDateString("en", { dateStyle: "medium" })}</>}
        </Show>
      </p>
      <ActionError error={revoke.error()} />
    </div>
  );
}

function CreateKey(props: TabProps & { onCreated: (secret: string) => void }) {
  const [name, setName] = createSignal("");
  const [scopes, setScopes] = createSignal<readonly string[]>(["agent:write"]);
  const [days, setDays] = createSignal("90");
  const create = createAction(async () => {
    const expiresAt = days() ? new Date(Date.now() + Number(days()) * 86_400_000).toISOString() : null;
    const { secret } = await mutate(CreateKeyDocument, {
      input: { projectId: props.project.id, name: name().trim(), scopes: [...scopes()], expiresAt },
    });
    setName("");
    props.onCreated(secret);
  });
  const toggle = (scope: string, on: boolean) =>
    setScopes((old) => (on ? [...old, scope] : old.filter((one) => one !== scope)));
  return (
    <Section title="Create an API key">
      <form
        class="flex flex-col gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          void create.run();
        }}
      >
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
