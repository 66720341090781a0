import { useParams } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { createQuery } from "../../api/query.ts";
import { createCrumbs } from "../../app/crumbs.tsx";
import NotFound from "../../app/not_found.tsx";
import type { AccountQuery } from "../../gql/graphql.ts";
import { ProblemNote, SkeletonText } from "../../ui/feedback.tsx";
import { PageHeader, TabLinks } from "../../ui/page.tsx";
import { CreateKey } from "../key/create_key.tsx";
import { KeyList } from "../key/key_list.tsx";
import { NewKey } from "../key/new_key.tsx";
import { AccountDocument } from "./data.ts";
import { Identities } from "./identities.tsx";
import { ChangePassword, Profile } from "./profile.tsx";
import { Sessions } from "./sessions.tsx";

export type AccountViewer = NonNullable<AccountQuery["viewer"]>;
export interface AccountProps {
  readonly viewer: AccountViewer;
  /** Reads the account again after a change. */
  readonly changed: () => void;
}

const TITLES: Readonly<Record<string, string>> = { sessions: "Sessions", keys: "API keys" };

export default function AccountPage() {
  const params = useParams<{ tab: string }>();
  const query = createQuery(AccountDocument, () => ({}));
  const viewer = () => query.data()?.viewer;
  createCrumbs(() => [
    { label: "Your account", href: params.tab ? "/account" : undefined },
    ...(params.tab ? [{ label: TITLES[params.tab] ?? params.tab }] : []),
  ]);
  const live = () => viewer()?.apiKeys.filter((key) => !key.revokedAt).length;
  return (
    <>
      <PageHeader title="Your account" note={viewer()?.user?.email} />
      <TabLinks
        label="Account"
        tabs={[
          { href: "/account", label: "Profile" },
          { href: "/account/sessions", label: "Sessions", count: viewer()?.sessions?.length },
          { href: "/account/keys", label: "API keys", count: live() },
        ]}
      />
      <Show when={query.problem()}>
        {(problem) => <ProblemNote problem={problem()} retry={query.refetch} />}
      </Show>
      <Show
        when={viewer()}
        fallback={
          <Show when={!query.problem()}>
            <SkeletonText lines={8} />
          </Show>
        }
      >
        {(one) => (
          <div class="flex max-w-[880px] flex-col gap-6 px-4 py-6 md:px-6">
            <Switch fallback={<NotFound />}>
              <Match when={!params.tab}>
                <Profile viewer={one()} changed={query.refetch} />
                <ChangePassword viewer={one()} changed={query.refetch} />
                <Identities viewer={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "sessions"}>
                <Sessions viewer={one()} changed={query.refetch} />
              </Match>
              <Match when={params.tab === "keys"}>
                <PersonalKeys viewer={one()} changed={query.refetch} />
              </Match>
            </Switch>
          </div>
        )}
      </Show>
    </>
  );
}

function PersonalKeys(props: AccountProps) {
  const [secret, setSecret] = createSignal<string>();
  const made = (value: string) => {
    setSecret(value);
    props.changed();
  };
  return (
    <>
      <p class="text-muted">
        A personal key acts as you in all your projects, within its scopes and your role in each. It ends with
        your account. For a CI job or a service, make a key of the project instead.
      </p>
      <Show when={secret()}>{(one) => <NewKey secret={one()} onDone={() => setSecret(undefined)} />}</Show>
      <KeyList
        keys={props.viewer.apiKeys}
        none="None yet. A tool on your own machine needs one to record and to read; create it below."
        changed={props.changed}
        onSecret={made}
      />
      <CreateKey projectId={null} onSecret={made} />
    </>
  );
}
