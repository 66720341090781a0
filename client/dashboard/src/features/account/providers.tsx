import { createSignal, For, type JSX, onMount, Show } from "solid-js";
import { createAction } from "../../api/mutate.ts";
import { callRest } from "../../api/rest.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icons.tsx";
import { reasonOf } from "./sign_in.ts";

export interface Provider {
  readonly name: string;
  readonly label: string;
  readonly startUrl: string;
}

/** What one can sign in with beside a password; none until the server says so, or when it cannot be asked. */
export function createProviders(): () => readonly Provider[] {
  const [providers, setProviders] = createSignal<readonly Provider[]>([]);
  onMount(() => {
    callRest<{ providers: Provider[] }>("/api/v1/auth/providers", undefined, "GET").then(
      (answer) => setProviders(answer.providers),
      () => undefined,
    );
  });
  return providers;
}

/** Leaves for a provider, to link its account or to join with it. Throws a RestError. */
export async function goToProvider(
  { name }: Provider,
  purpose: "link" | "join",
  input: Readonly<Record<string, string>>,
): Promise<void> {
  const { url } = await callRest<{ url: string }>(`/api/v1/auth/${name}/${purpose}`, input);
  location.assign(url);
}

/** Why the way through a provider came to nothing; nothing without a reason. */
export function Reason(props: { code: unknown }) {
  return (
    <Show when={reasonOf(props.code)}>
      {(reason) => (
        <p role="alert" class="flex items-start gap-2 rounded-md bg-fail-soft px-3 py-2">
          <Icon name="warn" class="mt-0.5 text-fail" />
          {reason()}
        </p>
      )}
    </Show>
  );
}

function Choices(props: { children: (one: Provider) => JSX.Element; below?: JSX.Element }) {
  const providers = createProviders();
  return (
    <Show when={providers().length > 0}>
      <div class="mt-4 flex flex-col gap-2">
        <p class="flex items-center gap-3 text-xs text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
          or
        </p>
        <For each={providers()}>{props.children}</For>
        {props.below}
      </div>
    </Show>
  );
}

/** A button for each provider; a click leaves the page. */
export function ProviderButtons(props: { returnTo: string }) {
  return (
    <Choices>
      {(one) => (
        <a
          href={`${one.startUrl}?returnTo=${encodeURIComponent(props.returnTo)}`}
          rel="external"
          class="btn !h-9"
        >
          Continue with {one.label}
        </a>
      )}
    </Choices>
  );
}

/** The same for somebody invited: who comes back from the provider has joined. */
export function JoinButtons(props: { token: string }) {
  const join = createAction((one: Provider) => goToProvider(one, "join", { token: props.token }));
  return (
    <Choices below={<ActionError error={join.error()} />}>
      {(one) => (
        <button type="button" class="btn !h-9" disabled={join.pending()} onClick={() => void join.run(one)}>
          Continue with {one.label}
        </button>
      )}
    </Choices>
  );
}
