import { createSignal, Show } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { Section } from "../../ui/page.tsx";
import { CreateUserDocument } from "./member_data.ts";

/** An administrator makes an account, so that its person can be added to projects. */
export function CreateAccount() {
  const [name, setName] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [made, setMade] = createSignal<string | null>(null);
  const create = createAction(async () => {
    setMade(null);
    const input = { name: name().trim(), email: email().trim(), password: password() };
    const { user } = await mutate(CreateUserDocument, { input });
    setMade(user.email);
    setName("");
    setEmail("");
    setPassword("");
  });
  return (
    <Section title="Create an account">
      <form class="flex flex-col gap-3 p-4" onSubmit={submits(create)}>
        <div class="grid gap-3 md:grid-cols-3">
          <TextField label="Name" required autocomplete="off" value={name()} onText={setName} />
          <TextField
            label="Their email"
            type="email"
            required
            autocomplete="off"
            value={email()}
            onText={setEmail}
          />
          <TextField
            label="First password"
            type="password"
            required
            minLength={8}
            autocomplete="new-password"
            value={password()}
            onText={setPassword}
          />
        </div>
        <ActionError error={create.error()} />
        <div class="flex items-center justify-end gap-3">
          <Show when={made()}>
            {(address) => (
              <span class="text-ok" role="status">
                {address()} can sign in now; add the account to the project above.
              </span>
            )}
          </Show>
          <button type="submit" class="btn" disabled={create.pending()}>
            {create.pending() ? "Creating…" : "Create account"}
          </button>
        </div>
      </form>
    </Section>
  );
}
