import { createSignal } from "solid-js";
import { client, type Doc, requestOf, type Vars } from "./client.ts";
import { problemOf, UserError } from "./problem.ts";

interface Member {
  readonly __typename: string;
  readonly message?: string;
  readonly issues?: UserError["issues"];
}
type Payload<Union> = Exclude<Union, { __typename: `${string}Error` }>;

/** Runs a mutation of one field; its payload on success, a UserError when the server says no. */
export async function mutate<R extends object, V extends object>(
  document: Doc<R, V>,
  variables: NoInfer<V>,
): Promise<Payload<R[keyof R]>> {
  const result = await client.mutation<R, Vars>(requestOf(document) as never, variables as Vars).toPromise();
  if (result.error) {
    const problem = problemOf(result.error);
    const id = problem.correlationId ? ` (id ${problem.correlationId})` : "";
    throw new UserError(problem.message + id);
  }
  const [answer] = Object.values(result.data ?? {}) as Member[];
  if (!answer) throw new UserError("The server gave no answer.");
  if (answer.__typename.endsWith("Error"))
    throw new UserError(answer.message ?? answer.__typename, answer.issues);
  return answer as Payload<R[keyof R]>;
}

/** What a form does when it is sent. */
export function submits(action: { run(): Promise<void> }): (event: SubmitEvent) => void {
  return (event) => {
    event.preventDefault();
    void action.run();
  };
}

/** One button or form: whether it is under way, and what the server said when it failed. */
export function createAction<Args extends unknown[]>(run: (...args: Args) => Promise<void>) {
  const [pending, setPending] = createSignal(false);
  const [error, setError] = createSignal<UserError>();
  return {
    pending,
    error,
    clear: () => setError(undefined),
    run: async (...args: Args) => {
      if (pending()) return;
      setPending(true);
      setError(undefined);
      try {
        await run(...args);
      } catch (cause) {
        setError(
          cause instanceof UserError ? cause : new UserError("Something broke in this page. Reload it."),
        );
        if (!(cause instanceof UserError)) console.error(cause);
      } finally {
        setPending(false);
      }
    },
  };
}
