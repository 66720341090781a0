import { A, useNavigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { createAction, submits } from "../../api/mutate.ts";
import { callRest, RestError } from "../../api/rest.ts";
import { ActionError } from "../../ui/feedback.tsx";
import { Frame } from "./frame.tsx";
import { createNewPassword, NewPasswordFields } from "./password_fields.tsx";
import { signIn, takeLinkToken } from "./sign_in.ts";

const KEPT = "shiplog.resetToken";

/** Where the link to a new password leads: choose one, and be signed in with it. */
export default function ResetPassword() {
  document.title = "New password · Shiplog";
  const navigate = useNavigate();
  const token = takeLinkToken(KEPT);
  const [dead, setDead] = createSignal(token === "");
  const fresh = createNewPassword();
  const submit = createAction(async () => {
    try {
      const { email } = await callRest<{ email: string }>("/api/v1/auth/password-reset/confirm", {
        token,
        password: fresh.password(),
      });
      sessionStorage.removeItem(KEPT);
      await signIn(email, fresh.password()).then(
        () => navigate("/", { replace: true }),
        () => navigate(`/login?email=${encodeURIComponent(email)}`, { replace: true }),
      );
    } catch (error) {
      if (!(error instanceof RestError) || error.code !== "LINK_NOT_VALID") throw error;
      sessionStorage.removeItem(KEPT);
      setDead(true);
    }
  });
  return (
    <Show when={!dead()} fallback={<DeadLink />}>
      <Frame title="Choose a new password" note="Every session of yours ends; you are signed in here.">
        <form class="card flex flex-col gap-4 p-5" onSubmit={submits(submit)}>
          <NewPasswordFields of={fresh} autofocus />
          <ActionError error={submit.error()} />
          <button type="submit" class="btn btn-primary !h-9" disabled={submit.pending() || !fresh.ready()}>
            {submit.pending() ? "Changing…" : "Change password"}
          </button>
        </form>
      </Frame>
    </Show>
  );
}

function DeadLink() {
  return (
    <Frame title="This link does not work" note="It was used, replaced, or has run out.">
      <div class="flex flex-col gap-2">
        <A href="/forgot-password" class="btn btn-primary !h-9">
          Ask for another
        </A>
        <A href="/login" class="btn !h-9">
          Log in
        </A>
      </div>
    </Frame>
  );
}
