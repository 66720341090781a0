import type { OperationResult } from "@urql/core";
import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { createAgain } from "./again.ts";
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
  /** Reads the first page again: rows change where they are, new ones wait, and those further down stay. */
  look(): void;
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

/** Of what is shown, that which is still there by a first page that was read later; null: the two do not meet. */
function still<T extends { id: string }>(rows: readonly T[], { edges, pageInfo }: Connection<T>): T[] | null {
  const ids = new Set(edges.map(({ node }) => node.id));
  const covered = pageInfo.hasNextPage ? rows.findLastIndex((row) => ids.has(row.id)) : rows.length - 1;
  return covered < 0 ? null : rows.filter((row, index) => index > covered || ids.has(row.id));
}

/** What waits, after an event named a row that is not shown. */
function changed<T extends { id: string }>(waiting: readonly T[], row: T, matches: boolean): readonly T[] {
  if (!matches) return without(waiting, [row]);
  const index = waiting.findIndex((one) => one.id === row.id);
  return index < 0 ? [row, ...waiting] : waiting.with(index, row);
}

/** The rows that are shown and those that wait to be. */
function createRows<T extends { id: string }>() {
  const [rows, setRows] = createStore<T[]>([]);
  const [waiting, setWaiting] = createSignal<readonly T[]>([]);
  const set = (next: readonly T[]) => setRows(reconcile([...next], { key: "id" }));
  const upsert = (row: T, matches: boolean, waits: boolean) => {
    const index = rows.findIndex((one) => one.id === row.id);
    if (index >= 0) setRows(index, reconcile(row, { key: "id" }) as never);
    else if (matches && !waits) setRows([row]);
    else setWaiting((list) => changed(list, row, matches));
  };
  return {
    rows,
    waiting,
    clear: () => {
      set([]);
      setWaiting([]);
    },
    /** The first page or, where some are kept, another. */
    take: ({ edges }: Connection<T>, kept: boolean) => {
      const nodes = edges.map(({ node }) => node);
      const before = kept ? rows : [];
      set([...before, ...without(nodes, before)]);
      setWaiting((list) => (kept ? without(list, nodes) : []));
    },
    upsert,
    /** False when the page does not meet what is shown. */
    look: (page: Connection<T>): boolean => {
      const rest = still(rows, page);
      if (!rest) return false;
      const nodes = page.edges.map(({ node }) => node);
      set(rest);
      setWaiting((list) => nodes.filter((node) => list.some(({ id }) => id === node.id)));
      for (const node of nodes.toReversed()) upsert(node, true, true);
      return true;
    },
    showWaiting: () => {
      const fresh = waiting();
      setWaiting([]);
      set([...fresh, ...rows]);
    },
  };
}

type Stop = () => void;

/** Changes that came while rows were read: the answer may be older than they are. */
function createMissed() {
  const changes: (() => void)[] = [];
  return {
    add: (change: () => void) => void changes.push(change),
    again: () => {
      for (const change of changes.splice(0)) change();
    },
    clear: () => void changes.splice(0),
  };
}

/** A list of pages that grows at its end by cursor and is kept up to date by events. */
export function createPages<R, V extends object, T extends { id: string }>(
  document: Doc<R, V>,
  variables: Accessor<Omit<NoInfer<V>, "first" | "after"> | null>,
  read: (data: R) => Connection<T> | null | undefined,
  size = 50,
): Pages<T> {
  const list = createRows<T>();
  const [ready, setReady] = createSignal(false);
  const [denied, setDenied] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem>();
  let [next, wanted]: [string | null, string | null] = [null, null];
  let [stop, stopLook]: [Stop | null, Stop | null] = [null, null];
  const missed = createMissed();
  const askAgain = createAgain();

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
  const again = () => stop || stopLook || missed.again();
  const take = ({ data, error }: OperationResult<R>, after: string | null) => {
    const page = data ? read(structuredClone(data)) : undefined;
    setProblem(error && problemOf(error));
    askAgain(problem(), after === null ? reload : more);
    if (data) setDenied(!page);
    if (page) {
      list.take(page, after !== null);
      next = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null;
    }
    setReady(true);
    again();
    if (wanted) more();
  };
  const upsert = (row: T, matches: boolean) => {
    if (stop || stopLook) missed.add(() => upsert(row, matches));
    // In an empty list nothing moves, and to say that there is nothing would be wrong.
    list.upsert(row, matches, list.rows.length > 0 || Boolean(stop ?? problem()) || !ready());
  };
  const reloads = new RefetchQueue(() => load(null));
  const reload = () => reloads.ask();
  const more = () => {
    // Who is at the end asks but once: what comes in between must not lose it.
    wanted = stop && next;
    if (next !== null && !stop) load(next);
  };
  const looks = new RefetchQueue(() => {
    const vars = variables();
    stopLook?.();
    if (!vars) return;
    looks.began();
    stopLook = ask(document, { ...vars, first: size, after: null }, ({ data }) => {
      stopLook = null;
      const page = data && read(structuredClone(data));
      if (page && !batch(() => list.look(page))) reload();
      again();
      looks.ended();
    });
  });
  const drop = () => {
    stop?.();
    stopLook?.();
    stop = stopLook = next = wanted = null;
    askAgain(undefined, reload);
    reloads.clear();
    looks.clear();
    missed.clear();
  };

  createEffect(
    on(
      () => JSON.stringify(variables()),
      () => {
        drop();
        // Not a row of the old list shows in the new one, whatever becomes of the question.
        batch(() => {
          setReady(false);
          list.clear();
        });
        load(null);
      },
    ),
  );
  onCleanup(drop);

  return {
    rows: list.rows,
    ready,
    denied,
    problem,
    waiting: () => list.waiting().length,
    more,
    reload,
    look: () => looks.ask(),
    showWaiting: list.showWaiting,
    upsert,
  };
}
