import { createSignal, For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { hasRole, useSession } from "../../app/viewer.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { CreateAccount } from "./create_account.tsx";
import { AddMemberDocument, RemoveMemberDocument, UpdateMemberDocument } from "./member_data.ts";
import type { TabProps } from "./page.tsx";

const ROLES = [
  { value: "viewer", label: "Viewer: reads" },
  { value: "developer", label: "Developer: also starts, cancels and records" },
  { value: "maintainer", label: "Maintainer: also integrations, deliveries and keys" },
  { value: "owner", label: "Owner: also members and deletion" },
];

export function Members(props: TabProps) {
  const session = useSession();
  const mayManage = () => hasRole(props.project, "owner");
  const change = createAction(async (id: string, role: string) => {
    await mutate(UpdateMemberDocument, { input: { id, role } });
    props.changed();
  });
  const remove = createAction(async (id: string) => {
    await mutate(RemoveMemberDocument, { input: { id } });
    props.changed();
  });
  return (
    <>
      <Section title="Members">
        <ul>
          <For each={props.project.members}>
            {(member) => (
              <li class="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2 last:border-b-0">
                <span class="min-w-0 flex-1 basis-48">
                  <span class="block truncate font-medium">{member.user.name}</span>
                  <span class="block truncate text-muted">{member.user.email}</span>
                </span>
                <Show when={mayManage()} fallback={<span class="text-muted">{member.role}</span>}>
                  <select
                    class="input !w-36"
                    aria-label={`Role of ${member.user.name}`}
                    onChange={(event) => void change.run(member.id, event.currentTarget.value)}
                  >
                    <For each={ROLES}>
                      {(role) => (
                        <option value={role.value} selected={role.value === member.role}>
                          {role.value}
                        </option>
                      )}
                    </For>
                  </select>
                  <ConfirmButton
                    label={`Remove ${member.user.name}`}
                    icon="trash"
                    confirm="Remove"
                    pending={remove.pending()}
                    onConfirm={() => void remove.run(member.id)}
                  />
                </Show>
              </li>
            )}
          </For>
        </ul>
        <div class="px-4 pb-3 empty:hidden">
          <ActionError error={change.error() ?? remove.error()} />
        </div>
      </Section>
      <Show when={mayManage()}>
        <AddMember {...props} />
      </Show>
      <Show when={session.viewer().isAdmin}>
        <CreateAccount />
      </Show>
    </>
  );
}

function AddMember(props: TabProps) {
  const [email, setEmail] = createSignal("");
  const [role, setRole] = createSignal("developer");
  const add = createAction(async () => {
    await mutate(AddMemberDocument, {
      input: { projectId: props.project.id, email: email().trim(), role: role() },
    });
    setEmail("");
    props.changed();
  });
  return (
    <Section title="Add a member">
      <form
        class="flex flex-col gap-3 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add.run();
        }}
      >
        <div class="grid gap-3 md:grid-cols-2">
          <TextField
            label="Email"
            type="email"
            required
            hint="Of someone who has an account here; an administrator creates accounts."
            value={email()}
            onText={setEmail}
          />
          <SelectField label="Role" value={role()} options={ROLES} onChange={setRole} />
        </div>
        <ActionError error={add.error()} />
        <button
          type="submit"
          class="btn btn-primary self-end"
          disabled={add.pending() || email().trim() === ""}
        >
          {add.pending() ? "Adding…" : "Add member"}
        </button>
      </form>
    </Section>
  );
}
