import { useSearchParams } from "@solidjs/router";
import { For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { ConfirmButton } from "../../ui/confirm.tsx";
import { ActionError } from "../../ui/feedback.tsx";
import { Section } from "../../ui/page.tsx";
import { RelTime } from "../../ui/time.tsx";
import { UnlinkIdentityDocument } from "./data.ts";
import { providerName } from "./device.ts";
import type { AccountProps } from "./page.tsx";
import { createProviders, goToProvider, type Provider, Reason } from "./providers.tsx";

/** Accounts at providers that one can sign in with, and those that could be linked. */
export function Identities(props: AccountProps) {
  const [params] = useSearchParams<{ error: string }>();
  const providers = createProviders();
  const linked = () => props.viewer.identities;
  const open = () => providers().filter((one) => !linked().some((have) => have.provider === one.name));
  const link = createAction((one: Provider) => goToProvider(one, "link", { returnTo: "/account" }));
  const unlink = createAction(async (id: string) => {
    await mutate(UnlinkIdentityDocument, { input: { id } });
    props.changed();
  });
  return (
    <Section title="Sign in with">
      <ul>
        <For each={linked()}>
          {(one) => (
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2.5 last:border-b-0">
              <span class="min-w-0 flex-1 basis-60">
                <span class="font-medium">{providerName(one.provider)}</span>{" "}
                <span class="[overflow-wrap:anywhere]">{one.label}</span>
                <span class="block text-muted [overflow-wrap:anywhere]">
                  {one.issuer}, linked <RelTime at={one.createdAt} />
                  <Show when={one.lastUsedAt} fallback=", not used yet">
                    {(at) => (
                      <>
                        , last used <RelTime at={at()} />
                      </>
                    )}
                  </Show>
                </span>
              </span>
              <ConfirmButton
                label="Unlink"
                confirm="Unlink now"
                pending={unlink.pending()}
                onConfirm={() => void unlink.run(one.id)}
              />
            </li>
          )}
        </For>
        <For each={open()}>
          {(one) => (
            <li class="flex items-center gap-3 border-b border-line px-4 py-2.5 last:border-b-0">
              <span class="min-w-0 flex-1">
                <span class="font-medium">{one.label}</span>{" "}
                <span class="block text-muted">Link it to sign in without a password.</span>
              </span>
              <button
                type="button"
                class="btn"
                aria-label={`Link ${one.label}`}
                disabled={link.pending()}
                onClick={() => void link.run(one)}
              >
                Link
              </button>
            </li>
          )}
        </For>
      </ul>
      <Show when={linked().length + open().length === 0}>
        <p class="p-4 text-muted">
          Password only. Whoever runs Shiplog can set up GitHub or an OpenID provider; the README says how.
        </p>
      </Show>
      <div class="flex flex-col gap-2 px-4 pb-3 empty:hidden">
        <Reason code={params.error} />
        <ActionError error={link.error() ?? unlink.error()} />
      </div>
    </Section>
  );
}
