import type { OperationResult } from "@urql/core";
import { type Accessor, batch, createEffect, on, onCleanup } from "solid-js";
import { createStore, reconcile, unwrap } from "solid-js/store";
import { createAgain } from "./again.ts";
import { client, type Doc, requestOf, type Vars } from "./client.ts";
import { type Problem, problemOf } from "./problem.ts";
import { RefetchQueue } from "./refetch_queue.ts";

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
  /** Whether the data are of these variables. */
  let shown = false;
  /** Changes that came while the data were read: the answer may be older than they are. */
  let during: ((data: R) => void)[] = [];

  const run = (vars: V, policy: "cache-and-network" | "network-only") => {
    stop?.();
    refetches.began();
    set("loading", true);
    const source = client.query<R, Vars>(requestOf(document) as never, vars as Vars, {
      requestPolicy: policy,
    });
    const subscription = source.subscribe((result) => batch(() => take(result)));
    stop = () => subscription.unsubscribe();
  };
  const take = ({ data, error, stale }: OperationResult<R>) => {
    const problem = error && problemOf(error);
    set("problem", problem);
    again(problem, () => refetches.ask());
    // A stale answer is an earlier one, without the changes since: it is for a page that has nothing else to show.
    if (data && !(stale && shown)) {
      const next = structuredClone(data);
      for (const change of during) change(next);
      set("data", reconcile(next, { key: "id" }) as never);
      shown = true;
    }
    set("loading", stale);
    if (stale) return refetches.began();
    during = [];
    refetches.ended();
  };
  const refetches = new RefetchQueue(() => {
    const vars = variables();
    if (vars) run(vars, "network-only");
  });
  const again = createAgain();
  const drop = () => {
    stop?.();
    again(undefined, () => undefined);
    refetches.clear();
    during = [];
    shown = false;
  };

  createEffect(
    on(
      () => JSON.stringify(variables()),
      (_key, previous) => {
        const vars = variables();
        drop();
        if (previous !== undefined && !options.keep) set({ data: undefined, problem: undefined });
        if (vars) run(vars, "cache-and-network");
      },
    ),
  );
  onCleanup(drop);

  return {
    data: () => state.data,
    problem: () => state.problem,
    loading: () => state.loading,
    refetch: () => refetches.ask(),
    patch: (change) => {
      if (state.loading) during.push(change);
      if (!state.data) return;
      const next = structuredClone(unwrap(state.data));
      change(next as R);
      set("data", reconcile(next, { key: "id" }) as never);
    },
  };
}
