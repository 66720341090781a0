import { A, useNavigate, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, Match, onMount, Switch } from "solid-js";
import { createAction, mutate, submits } from "../../api/mutate.ts";
import { createQuery } from "../../api/query.ts";
import { callRest, RestError } from "../../api/rest.ts";
import { logout, markSignedIn, renewOrEnd } from "../../api/session.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { TextField } from "../../ui/field.tsx";
import { AcceptInvitationDocument, WhoDocument } from "./data.ts";
import { Frame, FrameSkeleton } from "./frame.tsx";
import { createNewPassword, NewPasswordFields } from "./password_fields.tsx";
import { JoinButtons, Reason } from "./providers.tsx";
import { signIn, takeLinkToken } from "./sign_in.ts";

const KEPT = "shiplog.invitationToken";

interface Preview {
  readonly email: string;
  readonly role: string;
  readonly projectName: string;
  readonly invitedBy: string | null;
  readonly hasAccount: boolean;
}
interface PartProps {
  readonly token: string;
  readonly preview: Preview;
  /** Joined: on to the project. */
  readonly joined: (path: string) => void;
}

/** Where an invitation leads: join as who is signed in, with the account one has, or with a new one. */
export default function InvitationPage() {
  document.title = "Invitation · Shiplog";
  const navigate = useNavigate();
  const token = takeLinkToken(KEPT);
  const [params] = useSearchParams<{ error: string }>();
  const who = createQuery(WhoDocument, () => ({}));
  const me = () => who.data()?.viewer?.user ?? null;
  const [preview, setPreview] = createSignal<Preview>();
  const load = createAction(async () => {
    setPreview(await callRest<Preview>("/api/v1/auth/invitations/preview", { token }));
  });
  onMount(() => void load.run());
  createEffect(() => {
    if (who.data() && !me() && !who.loading()) void renewOrEnd().then((renewed) => renewed && who.refetch());
  });
  const joined = (path: string) => {
    sessionStorage.removeItem(KEPT);
    navigate(path, { replace: true });
  };
  const dead = () => {
    const error = load.error();
    return error instanceof RestError && ["LINK_NOT_VALID", "INVALID_INPUT"].includes(error.code);
  };
  return (
    <Switch fallback={<FrameSkeleton title="Invitation" />}>
      <Match when={token === "" || dead()}>
        <Frame
          title="This invitation does not work"
          note="It was accepted, replaced or revoked, or has run out. Ask whoever invited you for another."
        >
          <A href="/login" class="btn !h-9 w-full">
            Log in
          </A>
        </Frame>
      </Match>
      <Match when={load.error()}>
        <Frame title="Invitation" note="It could not be read.">
          <div class="flex flex-col gap-3">
            <ActionError error={load.error()} />
            <button type="button" class="btn !h-9" onClick={() => void load.run()}>
              Try again
            </button>
          </div>
        </Frame>
      </Match>
      <Match when={(who.data() || who.problem()) && preview()}>
        {(one) => (
          <Frame
            title={`Join ${one().projectName}`}
            note={`${one().invitedBy ?? "Shiplog"} invites ${one().email} as ${one().role}.`}
          >
            <div class="mb-4 empty:hidden">
              <Reason code={params.error} />
            </div>
            <Switch fallback={<AsNewPerson token={token} preview={one()} joined={joined} />}>
              <Match when={me()}>
                {(user) => (
                  <AsMe
                    token={token}
                    preview={one()}
                    joined={joined}
                    name={user().name}
                    email={user().email ?? ""}
                    other={() => void logout().then(() => location.reload())}
                  />
                )}
              </Match>
              <Match when={one().hasAccount}>
                <WithAccount token={token} preview={one()} joined={joined} />
              </Match>
            </Switch>
          </Frame>
        )}
      </Match>
    </Switch>
  );
}

async function accept(token: string): Promise<string> {
  const { project } = await mutate(AcceptInvitationDocument, { input: { token } });
  return `/p/${project.slug}`;
}

function AsMe(props: PartProps & { name: string; email: string; other: () => void }) {
  const join = createAction(async () => props.joined(await accept(props.token)));
  return (
    <div class="card flex flex-col gap-4 p-5">
      <p>
        You are signed in as <strong class="font-semibold">{props.name}</strong>{" "}
        <span class="text-muted [overflow-wrap:anywhere]">{props.email}</span>
      </p>
      <ActionError error={join.error()} />
      <button
        type="button"
        class="btn btn-primary !h-9"
        disabled={join.pending()}
        onClick={() => void join.run()}
      >
        {join.pending() ? "Joining…" : "Accept the invitation"}
      </button>
      <button type="button" class="btn !h-9" onClick={() => props.other()}>
        Use another account
      </button>
    </div>
  );
}

function WithAccount(props: PartProps) {
  const [password, setPassword] = createSignal("");
  const join = createAction(async () => {
    await signIn(props.preview.email, password());
    props.joined(await accept(props.token));
  });
  return (
    <div class="card p-5">
      <form class="flex flex-col gap-4" onSubmit={submits(join)}>
        <p class="text-muted">There is an account with this address: log in to join.</p>
        <TextField label="Email" type="email" autocomplete="username" readOnly value={props.preview.email} />
        <TextField
          label="Password"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password()}
          onText={setPassword}
        />
        <ActionError error={join.error()} />
        <button type="submit" class="btn btn-primary !h-9" disabled={join.pending()}>
          {join.pending() ? "Joining…" : "Log in and join"}
        </button>
        <A href="/forgot-password" class="link self-center text-sm">
          Forgot your password?
        </A>
      </form>
      <JoinButtons token={props.token} />
    </div>
  );
}

function AsNewPerson(props: PartProps) {
  const [name, setName] = createSignal("");
  const fresh = createNewPassword();
  const join = createAction(async () => {
    const { projectSlug } = await callRest<{ projectSlug: string }>("/api/v1/auth/invitations/accept", {
      token: props.token,
      name: name().trim(),
      password: fresh.password(),
    });
    markSignedIn();
    props.joined(`/p/${projectSlug}`);
  });
  return (
    <div class="card p-5">
      <form class="flex flex-col gap-4" onSubmit={submits(join)}>
        <TextField label="Email" type="email" autocomplete="username" readOnly value={props.preview.email} />
        <TextField
          label="Your name"
          autocomplete="name"
          required
          maxLength={200}
          autofocus
          hint="Members of the project see it."
          value={name()}
          onText={setName}
        />
        <NewPasswordFields of={fresh} label="Password" />
        <ActionError error={join.error()} />
        <button
          type="submit"
          class="btn btn-primary !h-9"
          disabled={join.pending() || name().trim() === "" || !fresh.ready()}
        >
          {join.pending() ? "Joining…" : "Create account and join"}
        </button>
      </form>
      <JoinButtons token={props.token} />
      <p class="mt-4 text-center text-sm text-muted">
        An account with another address?{" "}
        <A href="/login?next=%2Finvitation" class="link underline">
          Log in with it
        </A>
      </p>
    </div>
  );
}
