import { A, useLocation, useNavigate, useSearchParams } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createAction, submits } from "../../api/mutate.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Frame } from "./frame.tsx";
import { ProviderButtons, Reason } from "./providers.tsx";
import { ownPath, signIn } from "./sign_in.ts";

export default function Login() {
  document.title = "Log in · Shiplog";
  const navigate = useNavigate();
  const location = useLocation<{ sessionEnded: boolean }>();
  const [params] = useSearchParams<{ next: string; error: string; email: string }>();
  const [email, setEmail] = createSignal(params.email ?? "");
  const [password, setPassword] = createSignal("");
  const submit = createAction(async () => {
    await signIn(email(), password());
    navigate(ownPath(params.next), { replace: true });
  });
  return (
    <Frame title="Log in to Shiplog" note="The live record of how people and AI agents ship software.">
      <Show when={location.state?.sessionEnded}>
        <p role="status" class="mb-4 flex items-start gap-2 rounded-md bg-wait-soft px-3 py-2">
          <Icon name="warn" class="mt-0.5 text-wait" />
          Your session has ended: it was logged out, here or elsewhere, or not used for a week. Log in to
          continue where you were.
        </p>
      </Show>
      <div class="card p-5">
        <form class="flex flex-col gap-4" onSubmit={submits(submit)}>
          <TextField
            label="Email"
            type="email"
            name="email"
            autocomplete="username"
            required
            autofocus={!params.email}
            value={email()}
            onText={setEmail}
          />
          <TextField
            label="Password"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            autofocus={Boolean(params.email)}
            value={password()}
            onText={setPassword}
          />
          <Show when={!submit.error()}>
            <Reason code={params.error} />
          </Show>
          <ActionError error={submit.error()} />
          <button type="submit" class="btn btn-primary !h-9" disabled={submit.pending()}>
            {submit.pending() ? "Logging in…" : "Log in"}
          </button>
          <A href="/forgot-password" class="link self-center text-sm">
            Forgot your password?
          </A>
        </form>
        <ProviderButtons returnTo={ownPath(params.next)} />
      </div>
      <p class="mt-4 text-center text-xs text-muted">
        First start? The owner's email and password were printed in the terminal that runs Shiplog.
      </p>
    </Frame>
  );
}
