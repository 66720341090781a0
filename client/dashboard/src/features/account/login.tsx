import { useNavigate, useSearchParams } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { login } from "../../api/session.ts";
import { TextField } from "../../ui/field.tsx";
import { Icon } from "../../ui/icons.tsx";

/** Only addresses of our own are followed after login. */
function target(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

export default function Login() {
  document.title = "Log in · Shiplog";
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [error, setError] = createSignal<string | null>(null);
  const [pending, setPending] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (pending()) return;
    setPending(true);
    setError(null);
    const problem = await login(email(), password());
    setPending(false);
    if (problem) setError(problem);
    else navigate(target(params.next), { replace: true });
  };

  return (
    <main class="flex h-full flex-col items-center justify-center p-4">
      <div class="w-full max-w-[360px]">
        <div class="mb-6 flex flex-col items-center gap-3 text-center">
          <img src="/favicon.svg" alt="" class="size-10" />
          <div>
            <h1 class="text-xl font-semibold">Log in to Shiplog</h1>
            <p class="text-muted">The live record of how people and AI agents ship software.</p>
          </div>
        </div>
        <form class="card flex flex-col gap-4 p-5" onSubmit={(event) => void submit(event)}>
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
          <TextField
            label="Password"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            value={password()}
            onText={setPassword}
          />
          <Show when={error()}>
            <p role="alert" class="flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2">
              <Icon name="warn" class="mt-0.5 text-fail" />
              {error()}
            </p>
          </Show>
          <button type="submit" class="btn btn-primary !h-9" disabled={pending()}>
            {pending() ? "Logging in…" : "Log in"}
          </button>
        </form>
        <p class="mt-4 text-center text-xs text-muted">
          First start? The owner's email and password were printed in the terminal that runs Shiplog.
        </p>
      </div>
    </main>
  );
}
