import { createSignal, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { useSession } from "../../app/viewer.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { plural } from "../../ui/format.ts";
import { Section } from "../../ui/page.tsx";
import { ChangePasswordDocument, UpdateProfileDocument } from "./data.ts";
import type { AccountProps } from "./page.tsx";
import { createNewPassword, NewPasswordFields } from "./password_fields.tsx";

/** Who one is here: the name is one's own, the address stays as the account was made with. */
export function Profile(props: AccountProps) {
  const session = useSession();
  const stored = () => props.viewer.user?.name ?? "";
  const [name, setName] = createSignal(stored());
  const [saved, setSaved] = createSignal(false);
  const edit = (text: string) => {
    setSaved(false);
    setName(text);
  };
  const save = createAction(async () => {
    const { user } = await mutate(UpdateProfileDocument, { input: { name: name().trim() } });
    setName(user.name);
    setSaved(true);
    props.changed();
    session.reload();
  });
  return (
    <Section title="Profile">
      <form class="flex flex-col gap-4 p-4" onSubmit={submits(save)}>
        <div class="flex max-w-[420px] flex-col gap-4">
          <TextField
            label="Name"
            autocomplete="name"
            required
            maxLength={200}
            hint="Members of your projects see it."
            value={name()}
            onText={edit}
          />
          <TextField
            label="Email"
            type="email"
            readOnly
            hint="You log in with it, and are added to projects by it."
            value={props.viewer.user?.email ?? ""}
          />
          <Show when={props.viewer.isAdmin}>
            <p class="text-muted">You are an administrator of this installation.</p>
          </Show>
        </div>
        <ActionError error={save.error()} />
        <div class="flex items-center justify-end gap-3">
          <span class="text-ok" role="status">
            {saved() ? "Saved." : ""}
          </span>
          <button
            type="submit"
            class="btn btn-primary"
            disabled={save.pending() || name().trim() === "" || name().trim() === stored()}
          >
            {save.pending() ? "Saving…" : "Save"}
          </button>
        </div>
      </form>
    </Section>
  );
}

export function ChangePassword(props: AccountProps) {
  const [current, setCurrent] = createSignal("");
  const [done, setDone] = createSignal<string>();
  const fresh = createNewPassword();
  const change = createAction(async () => {
    setDone(undefined);
    const { endedSessions } = await mutate(ChangePasswordDocument, {
      input: { currentPassword: current(), newPassword: fresh.password() },
    });
    setCurrent("");
    fresh.clear();
    const ended = endedSessions > 0 ? ` ${plural(endedSessions, "other session")} ended.` : "";
    setDone(`Password changed.${ended}`);
    props.changed();
  });
  return (
    <Section title="Password">
      <form class="flex flex-col gap-4 p-4" onSubmit={submits(change)}>
        <div class="flex max-w-[420px] flex-col gap-4">
          <TextField
            label="Current password"
            type="password"
            autocomplete="current-password"
            required
            value={current()}
            onText={setCurrent}
          />
          <NewPasswordFields of={fresh} />
        </div>
        <p class="text-muted">
          Every other session of yours ends. Signed in through a provider and never chose one?{" "}
          <a href="/forgot-password" class="link underline">
            Ask for a link
          </a>
          .
        </p>
        <ActionError error={change.error()} />
        <div class="flex items-center justify-end gap-3">
          <span class="text-ok" role="status">
            {done()}
          </span>
          <button
            type="submit"
            class="btn btn-primary"
            disabled={change.pending() || current() === "" || !fresh.ready()}
          >
            {change.pending() ? "Changing…" : "Change password"}
          </button>
        </div>
      </form>
    </Section>
  );
}
