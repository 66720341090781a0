import { useNavigate } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { hasRole, useSession } from "../../app/viewer.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { Section } from "../../ui/page.tsx";
import { Pill } from "../../ui/status.tsx";
import { CreateAccount } from "./create_account.tsx";
import { Invitations } from "./invitations.tsx";
import { RemoveMemberDocument, UpdateMemberDocument } from "./member_data.ts";
import type { SettingsProject, TabProps } from "./page.tsx";
import { ROLES } from "./roles.ts";

type Member = SettingsProject["members"][number];

export function Members(props: TabProps) {
  const session = useSession();
  const mayManage = () => hasRole(props.project, "owner");
  return (
    <>
      <Section title="Members">
        <ul>
          <For each={props.project.members}>
            {(member) => (
              <Row
                member={member}
                isMe={member.user.id === session.viewer().user?.id}
                mayManage={mayManage()}
                changed={props.changed}
              />
            )}
          </For>
        </ul>
      </Section>
      <Show when={mayManage()}>
        <Invitations {...props} />
      </Show>
      <Show when={session.viewer().isAdmin}>
        <CreateAccount />
      </Show>
    </>
  );
}

interface RowProps {
  readonly member: Member;
  readonly isMe: boolean;
  readonly mayManage: boolean;
  readonly changed: () => void;
}

/** One member; an owner changes the role and removes, everybody may leave. */
function Row(props: RowProps) {
  const session = useSession();
  const navigate = useNavigate();
  const user = () => props.member.user;
  const [saved, setSaved] = createSignal(false);
  const change = createAction(async (role: string) => {
    remove.clear();
    setSaved(false);
    await mutate(UpdateMemberDocument, { input: { id: props.member.id, role } });
    setSaved(true);
    props.changed();
    if (props.isMe) session.reload();
  });
  const remove = createAction(async () => {
    change.clear();
    await mutate(RemoveMemberDocument, { input: { id: props.member.id } });
    if (!props.isMe) return props.changed();
    navigate("/projects");
    session.reload();
  });
  const choose = async (select: HTMLSelectElement) => {
    await change.run(select.value);
    // Refused: the role is what it was.
    if (change.error()) select.value = props.member.role;
  };
  return (
    <li class="border-b border-line px-4 py-2 last:border-b-0">
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span class="min-w-0 flex-1 basis-32">
          <span class="flex items-center gap-2">
            <span class="truncate font-medium" title={user().name}>
              {user().name}
            </span>
            <Show when={props.isMe}>
              <Pill tone="ok">you</Pill>
            </Show>
          </span>
          <span class="block truncate text-muted" title={user().email ?? undefined}>
            {user().email}
          </span>
        </span>
        <Show when={props.mayManage} fallback={<Pill tone="idle">{props.member.role}</Pill>}>
          <span class="text-ok max-md:sr-only" role="status">
            {saved() ? "Saved." : ""}
          </span>
          <select
            class="input !w-32"
            aria-label={`Role of ${user().name}`}
            disabled={change.pending()}
            onChange={(event) => void choose(event.currentTarget)}
          >
            <For each={ROLES}>
              {(role) => (
                <option value={role.value} selected={role.value === props.member.role}>
                  {role.value}
                </option>
              )}
            </For>
          </select>
        </Show>
        <Show when={props.mayManage || props.isMe}>
          <ConfirmButton
            label={props.isMe ? "Leave the project" : `Remove ${user().name}`}
            icon={props.isMe ? "logout" : "trash"}
            confirm={props.isMe ? "Leave now" : "Remove"}
            pending={remove.pending()}
            onConfirm={() => void remove.run()}
          />
        </Show>
      </div>
      <div class="pt-1 empty:hidden">
        <ActionError error={change.error() ?? remove.error()} />
      </div>
    </li>
  );
}
