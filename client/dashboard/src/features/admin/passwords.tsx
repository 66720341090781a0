import { createSignal, For, Show } from "solid-js";
import { createAction, mutate } from "../../api/mutate.ts";
import { createQuery } from "../../api/query.ts";
import { CopyBlock } from "../../ui/copy.tsx";
import { ActionError, ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { dateTime } from "../../ui/format.ts";
import { Section } from "../../ui/page.tsx";
import { RelTime } from "../../ui/time.tsx";
import { CreateResetLinkDocument, ResetRequestsDocument } from "./data.ts";

interface Made {
  readonly email: string;
  readonly link: string;
  readonly expiresAt: string;
}

/** Where no mail is sent, an administrator hands out the links to new passwords. */
export function Passwords() {
  const query = createQuery(ResetRequestsDocument, () => ({}));
  const [email, setEmail] = createSignal("");
  const [made, setMade] = createSignal<Made>();
  const create = createAction(async (address: string) => {
    setMade(undefined);
    const { link, expiresAt } = await mutate(CreateResetLinkDocument, { input: { email: address } });
    setMade({ email: address, link, expiresAt });
    setEmail("");
    query.refetch();
  });
  return (
    <div class="flex max-w-[880px] flex-col gap-6 px-4 py-6 md:px-6">
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show when={made()}>{(one) => <Link made={one()} />}</Show>
      <Section title="Forgotten passwords">
        <Show when={query.data()} fallback={<SkeletonText lines={2} />}>
          {(data) => (
            <ul>
              <For
                each={data().passwordResetRequests}
                fallback={
                  <li class="p-4 text-muted">
                    Nobody waits. Where Shiplog sends no mail, whoever forgot a password appears here.
                  </li>
                }
              >
                {(one) => (
                  <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 last:border-b-0">
                    <span class="min-w-0 flex-1 basis-60">
                      <span class="block truncate font-medium">{one.name}</span>
                      <span class="block text-muted [overflow-wrap:anywhere]">
                        {one.email}, <RelTime at={one.createdAt} />
                        <Show when={one.address}>{(address) => <> from {address()}</>}</Show>
                      </span>
                    </span>
                    <button
                      type="button"
                      class="btn"
                      aria-label={`Make a link for ${one.name}`}
                      disabled={create.pending()}
                      onClick={() => void create.run(one.email)}
                    >
                      Make a link
                    </button>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Show>
      </Section>
      <Section title="Make a link for somebody else">
        <form
          class="flex flex-col gap-4 p-4"
          onSubmit={(event) => {
            event.preventDefault();
            void create.run(email().trim());
          }}
        >
          <TextField
            label="Email"
            type="email"
            required
            autocomplete="off"
            hint="Whoever opens the link chooses a new password: be sure who asks."
            value={email()}
            onText={setEmail}
          />
          <ActionError error={create.error()} />
          <button
            type="submit"
            class="btn btn-primary self-end"
            disabled={create.pending() || email().trim() === ""}
          >
            {create.pending() ? "Making…" : "Make a link"}
          </button>
        </form>
      </Section>
    </div>
  );
}

function Link(props: { made: Made }) {
  return (
    <div role="status" class="flex flex-col gap-2 rounded-md border border-wait/50 bg-wait-soft p-3">
      <p>
        Hand this link to <strong class="font-semibold [overflow-wrap:anywhere]">{props.made.email}</strong>.
        It works once, until {dateTime(new Date(props.made.expiresAt))}, and is shown this once.
      </p>
      <CopyBlock value={props.made.link} label="Copy the link" />
    </div>
  );
}
