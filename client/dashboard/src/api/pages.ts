import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { client, type Doc, requestOf, type Vars } from "./client.ts";
import { type Problem, problemOf } from "./problem.ts";

export interface Connection<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

export interface Pages<T> {
  readonly rows: readonly T[];
  /** False until the first answer. */
  readonly ready: Accessor<boolean>;
  /** The server answered null: the viewer may not see this list. */
  readonly denied: Accessor<boolean>;
  readonly problem: Accessor<Problem | undefined>;
  /** Rows that came while the reader looks: shown when asked for, so that nothing moves under the pointer. */
  readonly waiting: Accessor<number>;
  more(): void;
  reload(): void;
  showWaiting(): void;
  /** A live change: known rows change in place, new ones wait. */
  upsert(row: T, matches: boolean): void;
}

/** A list of pages that grows at its end by cursor and is kept up to date by events. */
export function createPages<R, V extends object, T extends { id: string }>(
  document: Doc<R, V>,
  variables: Accessor<Omit<NoInfer<V>, "first" | "after"> | null>,
  read: (data: R) => Connection<T> | null | undefined,
  size = 50,
): Pages<T> {
  const [rows, setRows] = createStore<T[]>([]);
  const [ready, setReady] = createSignal(false);
  const [denied, setDenied] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem>();
  const [waiting, setWaiting] = createSignal<readonly T[]>([]);
  let next: string | null = null;
  let generation = 0;
  let loading = false;
  /** Changes that came while rows were read: the answer may be older than they are. */
  let during: (() => void)[] = [];

  const load = async (after: string | null) => {
    const vars = variables();
    if (!vars) return;
    const mine = generation;
    loading = true;
    const result = await client
      .query<R, Vars>(
        requestOf(document) as never,
        { ...vars, first: size, after },
        { requestPolicy: "network-only" },
      )
      .toPromise();
    if (mine !== generation) return;
    loading = false;
    const connection = result.data ? read(structuredClone(result.data)) : undefined;
    batch(() => {
      setProblem(result.error ? problemOf(result.error) : undefined);
      if (result.data) setDenied(!connection);
      if (connection) {
        const nodes = connection.edges.map((edge) => edge.node);
        const known = new Set(after ? rows.map((row) => row.id) : []);
        setRows(
          reconcile(after ? [...rows, ...nodes.filter((node) => !known.has(node.id))] : nodes, { key: "id" }),
        );
        next = connection.pageInfo.hasNextPage ? (connection.pageInfo.endCursor ?? null) : null;
        if (!after) setWaiting([]);
      }
      const missed = during;
      during = [];
      for (const again of missed) again();
      setReady(true);
    });
  };
  const upsert = (row: T, matches: boolean) => {
    if (loading) during.push(() => upsert(row, matches));
    const index = rows.findIndex((one) => one.id === row.id);
    if (index >= 0) setRows(index, reconcile(row, { key: "id" }) as never);
    else if (matches) setWaiting((list) => [row, ...list.filter((one) => one.id !== row.id)]);
  };
  const reload = () => {
    generation += 1;
    void load(null);
  };

  createEffect(
    on(
      () => JSON.stringify(variables()),
      () => {
        next = null;
        setReady(false);
        reload();
      },
    ),
  );
  onCleanup(() => {
    generation += 1;
  });

  return {
    rows,
    ready,
    denied,
    problem,
    waiting: () => waiting().length,
    more: () => {
      if (next !== null && !loading) void load(next);
    },
    reload,
    showWaiting: () => {
      const fresh = waiting();
      setWaiting([]);
      setRows(reconcile([...fresh, ...rows], { key: "id" }));
    },
    upsert,
  };
}
