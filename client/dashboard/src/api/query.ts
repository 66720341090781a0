import { type Accessor, createEffect, on, onCleanup } from "solid-js";
import { createStore, reconcile, unwrap } from "solid-js/store";
import { client, type Doc, requestOf, type Vars } from "./client.ts";
import { type Problem, problemOf } from "./problem.ts";

interface State<R> {
  data: R | undefined;
  problem: Problem | undefined;
  loading: boolean;
}

export interface Query<R> {
  /** Undefined until the first answer. A store: rows keep their identity over refetches. */
  readonly data: Accessor<R | undefined>;
  readonly problem: Accessor<Problem | undefined>;
  readonly loading: Accessor<boolean>;
  refetch(): void;
  /** Changes the data in place, as a live event demands. */
  patch(change: (data: R) => void): void;
}

export interface QueryOptions {
  /** Keep the old answer on the screen while changed variables load. */
  readonly keep?: boolean;
}

/** A page's query: the cached answer at once, the fresh one as it comes. `null` variables wait. */
export function createQuery<R, V extends object>(
  document: Doc<R, V>,
  variables: Accessor<NoInfer<V> | null>,
  options: QueryOptions = {},
): Query<R> {
  const [state, set] = createStore<State<R>>({ data: undefined, problem: undefined, loading: true });
  let stop: (() => void) | undefined;

  const run = (vars: V, policy: "cache-and-network" | "network-only") => {
    stop?.();
    set("loading", true);
    const source = client.query<R, Vars>(requestOf(document) as never, vars as Vars, {
      requestPolicy: policy,
    });
    const subscription = source.subscribe((result) => {
      if (result.error) set("problem", problemOf(result.error));
      else set("problem", undefined);
      if (result.data) set("data", reconcile(structuredClone(result.data), { key: "id" }) as never);
      set("loading", Boolean(result.stale));
    });
    stop = () => subscription.unsubscribe();
  };

  createEffect(
    on(
      () => JSON.stringify(variables()),
      (_key, previous) => {
        const vars = variables();
        if (previous !== undefined && !options.keep) set({ data: undefined, problem: undefined });
        if (vars) run(vars, "cache-and-network");
        else stop?.();
      },
    ),
  );
  onCleanup(() => stop?.());

  return {
    data: () => state.data,
    problem: () => state.problem,
    loading: () => state.loading,
    refetch: () => {
      const vars = variables();
      if (vars) run(vars, "network-only");
    },
    patch: (change) => {
      if (!state.data) return;
      const next = structuredClone(unwrap(state.data));
      change(next as R);
      set("data", reconcile(next, { key: "id" }) as never);
    },
  };
}
