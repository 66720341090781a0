import { createSignal, For, type JSX, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import type { KeyRowFragment } from "../../gql/graphql.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { SelectField } from "../../ui/field.tsx";
import { dateTime } from "../../ui/format.ts";
import { Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { now, RelTime } from "../../ui/time.tsx";
import { RevokeKeyDocument, RotateKeyDocument } from "./data.ts";

const DAY = 86_400;
const GRACES = [
  { value: "0", label: "End it at once" },
  { value: "3600", label: "One hour more" },
  { value: String(DAY), label: "One day more" },
  { value: String(7 * DAY), label: "Seven days more" },
];

interface ListProps {
  readonly keys: readonly KeyRowFragment[];
  readonly none: JSX.Element;
  readonly changed: () => void;
  /** A rotation made a key: its secret, to be shown once. */
  readonly onSecret: (secret: string) => void;
}

/** Live keys first; what has ended is folded away. */
export function KeyList(props: ListProps) {
  const ended = (key: KeyRowFragment) =>
    Boolean(key.revokedAt) || (key.expiresAt ? Date.parse(key.expiresAt) <= now() : false);
  const live = () => props.keys.filter((key) => !ended(key));
  const over = () => props.keys.filter(ended);
  return (
    <Section title="API keys">
      <ul>
        <For each={live()} fallback={<li class="p-4 text-muted">{props.none}</li>}>
          {(key) => <KeyRow apiKey={key} changed={props.changed} onSecret={props.onSecret} />}
        </For>
      </ul>
      <Show when={over().length > 0}>
        <details class="border-t border-line">
          <summary class="px-4 py-2 text-muted hover:text-text">Ended keys ({over().length})</summary>
          <ul class="border-t border-line">
            <For each={over()}>{(key) => <EndedRow apiKey={key} />}</For>
          </ul>
        </details>
      </Show>
    </Section>
  );
}

function Names(props: { apiKey: KeyRowFragment }) {
  return (
    <>
      <span class="font-medium [overflow-wrap:anywhere]">{props.apiKey.name}</span>
      <code class="text-xs text-muted">{props.apiKey.prefix}…</code>
    </>
  );
}

function EndedRow(props: { apiKey: KeyRowFragment }) {
  return (
    <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 text-muted last:border-b-0">
      <Names apiKey={props.apiKey} />
      <Pill tone="idle">{props.apiKey.revokedAt ? "revoked" : "expired"}</Pill>
      <RelTime at={props.apiKey.revokedAt ?? props.apiKey.expiresAt} class="ml-auto" />
    </li>
  );
}

function KeyRow(props: { apiKey: KeyRowFragment; changed: () => void; onSecret: (secret: string) => void }) {
  const [rotating, setRotating] = createSignal(false);
  const revoke = createAction(async () => {
    await mutate(RevokeKeyDocument, { input: { id: props.apiKey.id } });
    props.changed();
  });
  return (
    <li class="border-b border-line px-4 py-2.5 last:border-b-0">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div class="min-w-0 flex-1 basis-72">
          <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Names apiKey={props.apiKey} />
            <span class="flex flex-wrap gap-1">
              <For each={props.apiKey.scopes}>{(scope) => <Pill tone="idle">{scope}</Pill>}</For>
            </span>
          </div>
          <Life apiKey={props.apiKey} />
        </div>
        <span class="flex items-center gap-1">
          <Show when={!props.apiKey.replacedBy}>
            <button
              type="button"
              class="btn"
              aria-expanded={rotating()}
              onClick={() => setRotating((open) => !open)}
            >
              Rotate
            </button>
          </Show>
          <ConfirmButton
            label="Revoke"
            confirm="Revoke now"
            pending={revoke.pending()}
            onConfirm={() => void revoke.run()}
          />
        </span>
      </div>
      <Show when={rotating()}>
        <Rotation
          id={props.apiKey.id}
          close={() => setRotating(false)}
          done={(secret) => {
            setRotating(false);
            props.onSecret(secret);
            props.changed();
          }}
        />
      </Show>
      <ActionError error={revoke.error()} />
    </li>
  );
}

function Life(props: { apiKey: KeyRowFragment }) {
  return (
    <p class="text-muted">
      Created <RelTime at={props.apiKey.createdAt} /> by {props.apiKey.createdBy?.name ?? "Shiplog"},{" "}
      <Show when={props.apiKey.lastUsedAt} fallback="never used">
        {(at) => (
          <>
            last used <RelTime at={at()} />
          </>
        )}
      </Show>
      <Expiry apiKey={props.apiKey} />
    </p>
  );
}

function Expiry(props: { apiKey: KeyRowFragment }) {
  const date = (at: string) => new Date(at).toLocaleDateString("en", { dateStyle: "medium" });
  return (
    <Show when={props.apiKey.expiresAt}>
      {(at) => (
        <Show
          when={props.apiKey.replacedBy}
          fallback={
            <>
              , expires <span title={dateTime(new Date(at()))}>{date(at())}</span>
            </>
          }
        >
          {(next) => (
            <>
              , replaced by <code class="text-xs">{next().prefix}…</code>, works until{" "}
              {dateTime(new Date(at()))}
            </>
          )}
        </Show>
      )}
    </Show>
  );
}

function Rotation(props: { id: string; close: () => void; done: (secret: string) => void }) {
  const [grace, setGrace] = createSignal(String(DAY));
  const rotate = createAction(async () => {
    const input = { id: props.id, graceSeconds: Number(grace()) };
    const { secret } = await mutate(RotateKeyDocument, { input });
    props.done(secret);
  });
  return (
    <form
      class="mt-2 flex flex-col gap-3 rounded-md border border-line bg-raised p-3"
      onSubmit={submits(rotate)}
    >
      <p>A new key with the same scopes takes its place. Both work until the old one ends.</p>
      <div class="max-w-60">
        <SelectField label="The old key" value={grace()} options={GRACES} onChange={setGrace} />
      </div>
      <ActionError error={rotate.error()} />
      <div class="flex justify-end gap-2">
        <button type="button" class="btn" onClick={() => props.close()}>
          Keep it
        </button>
        <button type="submit" class="btn btn-primary" disabled={rotate.pending()}>
          {rotate.pending() ? "Rotating…" : "Rotate key"}
        </button>
      </div>
    </form>
  );
}
