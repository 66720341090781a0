import { For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { markSignedOut } from "../../api/session.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { EndSessionDocument, EndSessionsDocument } from "./data.ts";
import { device, providerName } from "./device.ts";
import type { AccountProps, AccountViewer } from "./page.tsx";

type Session = NonNullable<AccountViewer["sessions"]>[number];

/** Where one is signed in; each can be ended, and all at once. */
export function Sessions(props: AccountProps) {
  const all = () => props.viewer.sessions ?? [];
  const others = createAction(async () => {
    await mutate(EndSessionsDocument, { input: { keepThis: true } });
    props.changed();
  });
  const everywhere = createAction(async () => {
    await mutate(EndSessionsDocument, { input: { keepThis: false } });
    markSignedOut();
    location.assign("/login");
  });
  return (
    <>
      <Section title="Where you are signed in">
        <ul>
          <For each={all()}>{(one) => <Row session={one} changed={props.changed} />}</For>
        </ul>
      </Section>
      <Section title="Log out">
        <div class="flex flex-wrap items-center gap-3 border-b border-line p-4">
          <p class="min-w-0 flex-1 basis-60">
            <strong class="block font-medium">Log out the others</strong>
            <span class="text-muted">You stay signed in here.</span>
          </p>
          <button
            type="button"
            class="btn"
            disabled={others.pending() || all().length < 2}
            onClick={() => void others.run()}
          >
            {others.pending() ? "Logging out…" : "Log out the others"}
          </button>
        </div>
        <div class="flex flex-wrap items-center gap-3 p-4">
          <p class="min-w-0 flex-1 basis-60">
            <strong class="block font-medium">Log out everywhere</strong>
            <span class="text-muted">Here too. API keys go on working.</span>
          </p>
          <ConfirmButton
            label="Log out everywhere"
            confirm="Log out now"
            pending={everywhere.pending()}
            onConfirm={() => void everywhere.run()}
          />
        </div>
        <div class="px-4 pb-3 empty:hidden">
          <ActionError error={others.error() ?? everywhere.error()} />
        </div>
      </Section>
    </>
  );
}

function Row(props: { session: Session; changed: () => void }) {
  const one = () => props.session;
  const end = createAction(async () => {
    await mutate(EndSessionDocument, { input: { id: one().id } });
    props.changed();
  });
  return (
    <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2.5 last:border-b-0">
      <span class="min-w-0 flex-1 basis-60">
        <span class="flex items-center gap-2 font-medium" title={one().userAgent ?? undefined}>
          {device(one().userAgent)}
          <Show when={one().isCurrent}>
            <Pill tone="ok">this browser</Pill>
          </Show>
        </span>
        <span class="block text-muted">
          {providerName(one().method)}, <RelTime at={one().createdAt} />
          <Show when={one().address}>{(address) => <> from {address()}</>}</Show>
          {" · last used "}
          <RelTime at={one().lastUsedAt} />
        </span>
        <ActionError error={end.error()} />
      </span>
      <Show when={!one().isCurrent}>
        <ConfirmButton
          label="End"
          confirm="End this session"
          pending={end.pending()}
          onConfirm={() => void end.run()}
        />
      </Show>
    </li>
  );
}
