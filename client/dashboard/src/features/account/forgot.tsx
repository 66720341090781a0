import { A } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createAction, submits } from "../../api/mutate.ts";
import { callRest } from "../../api/rest.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { Frame } from "./frame.tsx";

/** Asks for a link to a new password; the answer is the same whether or not the address has an account. */
export default function ForgotPassword() {
  document.title = "Forgotten password · Shiplog";
  const [email, setEmail] = createSignal("");
  const [sentTo, setSentTo] = createSignal<string>();
  const submit = createAction(async () => {
    await callRest("/api/v1/auth/password-reset", { email: email().trim() });
    setSentTo(email().trim());
  });
  return (
    <Frame title="Forgotten password" note="A link that works once lets you choose a new one.">
      <Show
        when={sentTo()}
        fallback={
          <form class="card flex flex-col gap-4 p-5" onSubmit={submits(submit)}>
            <TextField
              label="Email"
              type="email"
              name="email"
              autocomplete="username"
              required
              autofocus
              value={email()}
              onText={setEmail}
            />
            <ActionError error={submit.error()} />
            <button type="submit" class="btn btn-primary !h-9" disabled={submit.pending()}>
              {submit.pending() ? "Asking…" : "Ask for a link"}
            </button>
          </form>
        }
      >
        {(address) => (
          <div class="card flex flex-col gap-2 p-5" role="status">
            <p>
              If <strong class="font-semibold [overflow-wrap:anywhere]">{address()}</strong> has an account
              here, a link is on its way.
            </p>
            <p class="text-muted">
              Where Shiplog sends no mail, an administrator sees your wish and hands you the link; an
              administrator's own is printed in the terminal that runs Shiplog.
            </p>
          </div>
        )}
      </Show>
      <p class="mt-4 text-center">
        <A href="/login" class="link text-sm">
          Back to log in
        </A>
      </p>
    </Frame>
  );
}
