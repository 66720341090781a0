import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Section } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { SecretOnce } from "../key/secret_once.tsx";
import { CreateIntegrationDocument, DeleteIntegrationDocument } from "./data.ts";
import { GitHubSteps } from "./github_steps.tsx";
import type { SettingsProject, TabProps } from "./page.tsx";

type Integration = NonNullable<SettingsProject["integrations"]>[number];

export function Integrations(props: TabProps) {
  const [created, setCreated] = createSignal<{ secret: string; url: string }>();
  return (
    <>
      <Show when={created()}>
        {(one) => (
          <Section title="GitHub is ready to be connected">
            <div class="flex flex-col gap-4 p-4">
              <SecretOnce what="webhook secret" secret={one().secret} onDone={() => setCreated(undefined)} />
              <GitHubSteps url={one().url} secret={one().secret} />
            </div>
          </Section>
        )}
      </Show>
      <Section title="Integrations">
        <For
          each={props.project.integrations ?? []}
          fallback={
            <p class="p-4 text-muted">
              None yet. Connect GitHub below: pipelines, commits, pull requests and deployments then appear as
              they happen.
            </p>
          }
        >
          {(integration) => (
            <Row integration={integration} slug={props.project.slug} changed={props.changed} />
          )}
        </For>
      </Section>
      <Connect
        project={props.project}
        changed={props.changed}
        onCreated={(secret, url) => {
          setCreated({ secret, url });
          props.changed();
        }}
      />
    </>
  );
}

function Row(props: { integration: Integration; slug: string; changed: () => void }) {
  const [open, setOpen] = createSignal(false);
  const remove = createAction(async () => {
    await mutate(DeleteIntegrationDocument, { input: { id: props.integration.id } });
    props.changed();
  });
  const counts = () => props.integration.deliveries24h;
  return (
    <div class="border-b border-line px-4 py-3 last:border-b-0">
      <div class="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span class="font-medium">
          {props.integration.name === "GitHub" ? "GitHub" : `GitHub: ${props.integration.name}`}
        </span>
        <Status status={props.integration.status} />
        <span class="ml-auto flex items-center gap-1">
          <button type="button" class="btn" aria-expanded={open()} onClick={() => setOpen(!open())}>
            How to connect
          </button>
          <ConfirmButton
            label={`Remove ${props.integration.name}`}
            icon="trash"
            confirm="Remove"
            pending={remove.pending()}
            onConfirm={() => void remove.run()}
          />
        </span>
      </div>
      <p class="text-muted">
        <Show
          when={props.integration.lastDeliveryAt}
          fallback="No delivery yet. GitHub sends a ping when the webhook is added."
        >
          {(at) => (
            <>
              Last delivery <RelTime at={at()} />.
            </>
          )}
        </Show>{" "}
        <A href={`/p/${props.slug}/deliveries?integration=${props.integration.id}`} class="link">
          24 hours: {counts().processed} processed, {counts().ignored} ignored, {counts().failed} failed
        </A>
      </p>
      <Show when={props.integration.lastError}>
        {(error) => (
          <p class="mt-2 flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2">
            <Icon name="warn" class="mt-0.5 text-fail" /> {error()}
          </p>
        )}
      </Show>
      <ActionError error={remove.error()} />
      <Show when={open()}>
        <div class="pt-3">
          <GitHubSteps url={props.integration.webhookUrl} />
        </div>
      </Show>
    </div>
  );
}

function Connect(props: TabProps & { onCreated: (secret: string, url: string) => void }) {
  const [name, setName] = createSignal("GitHub");
  const create = createAction(async () => {
    const { secret, integration } = await mutate(CreateIntegrationDocument, {
      input: { projectId: props.project.id, provider: "GITHUB", name: name().trim() },
    });
    props.onCreated(secret, integration.webhookUrl);
  });
  return (
    <Section title="Connect GitHub">
      <form class="flex flex-col gap-3 p-4" onSubmit={submits(create)}>
        <TextField
          label="Name"
          required
          hint="One integration serves any number of repositories, or a whole organisation."
          value={name()}
          onText={setName}
        />
        <ActionError error={create.error()} />
        <button
          type="submit"
          class="btn btn-primary self-end"
          disabled={create.pending() || name().trim() === ""}
        >
          {create.pending() ? "Creating…" : "Create webhook address and secret"}
        </button>
      </form>
    </Section>
  );
}
