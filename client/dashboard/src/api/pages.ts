import type { OperationResult } from "@urql/core";
import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { client, type Doc, requestOf, type Vars } from "./client.ts";
import { type Problem, problemOf } from "./problem.ts";
import { RefetchQueue } from "./refetch_queue.ts";

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

/** Asks once; the answer stops it. */
function ask<R, V extends object>(
  document: Doc<R, V>,
  variables: Vars,
  answered: (result: OperationResult<R>) => void,
): () => void {
  const subscription = client
    .query<R, Vars>(requestOf(document) as never, variables, { requestPolicy: "network-only" })
    .subscribe((result) => {
      if (result.stale) return;
      subscription.unsubscribe();
      answered(result);
    });
  return () => subscription.unsubscribe();
}

function without<T extends { id: string }>(rows: readonly T[], others: readonly T[]): readonly T[] {
  const ids = new Set(others.map((row) => row.id));
  return rows.filter((row) => !ids.has(row.id));
}

/** What waits, after an event named a row that is not shown. */
function changed<T extends { id: string }>(waiting: readonly T[], row: T, matches: boolean): readonly T[] {
  if (!matches) return without(waiting, [row]);
  const index = waiting.findIndex((one) => one.id === row.id);
  return index < 0 ? [row, ...waiting] : waiting.with(index, row);
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
  let stop: (() => void) | null = null;
  /** Changes that came while rows were read: the answer may be older than they are. */
  let during: (() => void)[] = [];

  const load = (after: string | null) => {
    const vars = variables();
    stop?.();
    stop = null;
    if (!vars) return;
    if (after === null) reloads.began();
    stop = ask(document, { ...vars, first: size, after }, (result) => {
      stop = null;
      batch(() => take(result, after));
      if (after === null) reloads.ended();
    });
  };
  const take = ({ data, error }: OperationResult<R>, after: string | null) => {
    const connection = data ? read(structuredClone(data)) : undefined;
    setProblem(error ? problemOf(error) : undefined);
    if (data) setDenied(!connection);
    if (connection) {
      const nodes = connection.edges.map((edge) => edge.node);
      const before = after ? rows : [];
      setRows(reconcile([...before, ...without(nodes, before)], { key: "id" }));
      next = connection.pageInfo.hasNextPage ? (connection.pageInfo.endCursor ?? null) : null;
      setWaiting((list) => (after ? without(list, nodes) : []));
    }
    const missed = during;
    during = [];
    for (const again of missed) again();
    setReady(true);
  };
  const upsert = (row: T, matches: boolean) => {
    if (stop) during.push(() => upsert(row, matches));
    const index = rows.findIndex((one) => one.id === row.id);
    if (index >= 0) setRows(index, reconcile(row, { key: "id" }) as never);
    else setWaiting((list) => changed(list, row, matches));
  };
  const reloads = new RefetchQueue(() => load(null));
  const drop = () => {
    stop?.();
    stop = null;
    reloads.clear();
    during = [];
  };

  createEffect(
    on(
      () => JSON.stringify(variables()),
      () => {
        drop();
        next = null;
        // Not a row of the old list shows in the new one, whatever becomes of the question.
        batch(() => {
          setReady(false);
          setRows([]);
          setWaiting([]);
        });
        load(null);
      },
    ),
  );
  onCleanup(drop);

  return {
    rows,
    ready,
    denied,
    problem,
    waiting: () => waiting().length,
    more: () => {
      if (next !== null && !stop) load(next);
    },
    reload: () => reloads.ask(),
    showWaiting: () => {
      const fresh = waiting();
      setWaiting([]);
      setRows(reconcile([...fresh, ...rows], { key: "id" }));
    },
    upsert,
  };
}
