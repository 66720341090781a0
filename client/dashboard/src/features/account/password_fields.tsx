import { createSignal } from "solid-js";
import { TextField } from "../../ui/field.tsx";

const LEAST = 8;

/** A new password, typed twice. */
export function createNewPassword() {
  const [password, setPassword] = createSignal("");
  const [again, setAgain] = createSignal("");
  const problem = () => (again() !== "" && again() !== password() ? "The two are not the same." : undefined);
  return {
    password,
    setPassword,
    again,
    setAgain,
    problem,
    ready: () => password().length >= LEAST && again() === password(),
    clear: () => {
      setPassword("");
      setAgain("");
    },
  };
}

export function NewPasswordFields(props: {
  of: ReturnType<typeof createNewPassword>;
  label?: string;
  autofocus?: boolean;
}) {
  return (
    <>
      <TextField
        label={props.label ?? "New password"}
        type="password"
        name="new-password"
        autocomplete="new-password"
        required
        minLength={LEAST}
        maxLength={1024}
        autofocus={props.autofocus}
        hint={`At least ${LEAST} characters; a sentence is easy to remember and hard to guess.`}
        value={props.of.password()}
        onText={props.of.setPassword}
      />
      <TextField
        label="The same once more"
        type="password"
        autocomplete="new-password"
        required
        error={props.of.problem()}
        value={props.of.again()}
        onText={props.of.setAgain}
      />
    </>
  );
}
