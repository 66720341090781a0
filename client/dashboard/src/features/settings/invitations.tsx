import { createSignal, For, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { CopyBlock } from "../../ui/copy.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { Check, SelectField, TextField } from "../../ui/field.tsx";
import { dateTime } from "../../ui/format.ts";
import { Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { RelTime } from "../../ui/time.tsx";
import { AddMemberDocument, CreateInvitationDocument, RevokeInvitationDocument } from "./member_data.ts";
import type { SettingsProject, TabProps } from "./page.tsx";
import { ROLES } from "./roles.ts";

type Invitation = NonNullable<SettingsProject["invitations"]>[number];

/** How people come in: a link that works once, or at once when they have an account already. */
export function Invitations(props: TabProps) {
  const open = () => props.project.invitations ?? [];
  return (
    <>
      <Invite {...props} />
      <Section title="Open invitations">
        <ul>
          <For
            each={open()}
            fallback={
              <li class="p-4 text-muted">
                None. An invitation waits here until it is accepted, revoked, or has run out.
              </li>
            }
          >
            {(one) => <Row invitation={one} changed={props.changed} />}
          </For>
        </ul>
      </Section>
    </>
  );
}

function Row(props: { invitation: Invitation; changed: () => void }) {
  const one = () => props.invitation;
  const revoke = createAction(async () => {
    await mutate(RevokeInvitationDocument, { input: { id: one().id } });
    props.changed();
  });
  return (
    <li class="border-b border-line px-4 py-2 last:border-b-0">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span class="min-w-0 flex-1 basis-60">
          <span class="block truncate font-medium" title={one().email}>
            {one().email}
          </span>
          <span class="block text-muted">
            Invited <RelTime at={one().createdAt} /> by {one().createdBy?.name ?? "Shiplog"}, until{" "}
            <span title={dateTime(new Date(one().expiresAt))}>
              {new Date(one().expiresAt).toLocaleDateString("en", { dateStyle: "medium" })}
            </span>
          </span>
        </span>
        <span class="ml-auto flex items-center gap-2">
          <Pill tone="idle">{one().role}</Pill>
          <ConfirmButton
            label="Revoke"
            confirm="Revoke now"
            pending={revoke.pending()}
            onConfirm={() => void revoke.run()}
          />
        </span>
      </div>
      <ActionError error={revoke.error()} />
    </li>
  );
}

function Invite(props: TabProps) {
  const [email, setEmail] = createSignal("");
  const [role, setRole] = createSignal("developer");
  const [known, setKnown] = createSignal(false);
  const [link, setLink] = createSignal<{ email: string; url: string | null }>();
  const [added, setAdded] = createSignal<string>();
  const invite = createAction(async () => {
    setLink(undefined);
    setAdded(undefined);
    const input = { projectId: props.project.id, email: email().trim(), role: role() };
    if (known()) {
      await mutate(AddMemberDocument, { input });
      setAdded(input.email);
    } else {
      const made = await mutate(CreateInvitationDocument, { input });
      setLink({ email: made.invitation.email, url: made.link ?? null });
    }
    setEmail("");
    props.changed();
  });
  return (
    <Section title="Invite">
      <form class="flex flex-col gap-4 p-4" onSubmit={submits(invite)}>
        <div class="grid gap-4 md:grid-cols-2">
          <TextField
            label="Email"
            type="email"
            required
            autocomplete="off"
            value={email()}
            onText={setEmail}
          />
          <SelectField label="Role" value={role()} options={ROLES} onChange={setRole} />
        </div>
        <Check
          label="Add without asking"
          hint="Only for somebody who has an account here already."
          checked={known()}
          onChange={setKnown}
        />
        <ActionError error={invite.error()} />
        <Show when={link()}>{(made) => <Link made={made()} />}</Show>
        <div class="flex items-center justify-end gap-3">
          <span class="text-ok [overflow-wrap:anywhere]" role="status">
            {added() ? `${added()} is a member now.` : ""}
          </span>
          <button type="submit" class="btn btn-primary" disabled={invite.pending() || email().trim() === ""}>
            {known() ? "Add member" : "Invite"}
          </button>
        </div>
      </form>
    </Section>
  );
}

function Link(props: { made: { email: string; url: string | null } }) {
  return (
    <div role="status" class="flex flex-col gap-2 rounded-md border border-wait/50 bg-wait-soft p-3">
      <Show
        when={props.made.url}
        fallback={
          <p>
            An invitation is on its way to{" "}
            <strong class="font-semibold [overflow-wrap:anywhere]">{props.made.email}</strong>.
          </p>
        }
      >
        {(url) => (
          <>
            <p>
              Send this link to{" "}
              <strong class="font-semibold [overflow-wrap:anywhere]">{props.made.email}</strong>. It works
              once, for whoever has it, and is shown this once; inviting again makes another.
            </p>
            <CopyBlock value={url()} label="Copy the invitation link" />
          </>
        )}
      </Show>
    </div>
  );
}
