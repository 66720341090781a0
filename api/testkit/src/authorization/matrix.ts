import type { Context } from "@shiplog/core";
import { transact } from "@shiplog/core";
import { createRestApp, type RestApp } from "@shiplog/ingest";
import { createSchema } from "@shiplog/schema";
import type { GraphQLInterfaceType } from "graphql";
import { graphqlAs } from "../graphql.ts";
import { type GraphqlCase, MUTATIONS, QUERIES, type RestCase, ROUTES, SUBSCRIPTIONS } from "./operations.ts";
import type { Caller } from "./people.ts";
import type { Target } from "./target.ts";

export interface World {
  readonly ctx: Context;
  readonly callers: readonly Caller[];
  /** Of the project that the callers belong to. */
  readonly ours: Target;
  readonly theirs: Target;
}

interface Row {
  readonly name: string;
  readonly about: GraphqlCase["about"];
  /** Changes something, at least in the audit log. */
  readonly writes?: true;
  answer(tx: Context, caller: Caller, target: Target): Promise<string>;
}

/** What a code of either transport means to the caller. */
const WORDS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "sign in",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not found",
};

/** Each field of a root type has its cases, and nothing else has: a new field without one fails here. */
function casesOf<T>(type: "Query" | "Mutation" | "Subscription", cases: Readonly<Record<string, T>>) {
  const fields = Object.keys(
    (createSchema().getType(type) as unknown as { getFields(): object }).getFields(),
  );
  return matched(type, fields, cases);
}

/** The same of each type that `node` can show. */
function checkNodes(): void {
  const schema = createSchema();
  const types = schema.getPossibleTypes(schema.getType("Node") as GraphQLInterfaceType);
  const cases = QUERIES.node?.map(({ label = "" }) => [label, label]) ?? [];
  matched(
    "Node",
    types.map(({ name }) => name),
    Object.fromEntries(cases),
  );
}

function matched<T>(what: string, names: readonly string[], cases: Readonly<Record<string, T>>) {
  const missing = names.filter((name) => !Object.hasOwn(cases, name));
  const extra = Object.keys(cases).filter((name) => !names.includes(name));
  if (missing.length + extra.length > 0) {
    throw new Error(`${what}: no row in the access matrix for [${missing}]; rows of nothing: [${extra}]`);
  }
  return [...names].sort().map((name) => [name, cases[name] as T] as const);
}

function queryRows(): Row[] {
  checkNodes();
  return casesOf("Query", QUERIES).flatMap(([field, cases]) =>
    cases.map(({ label, about, document, variables, shows = () => true }) => ({
      name: label ? `${field} (${label})` : field,
      about,
      async answer(tx, caller, target) {
        const { data, errors } = await graphqlAs(tx, caller.actor).run(document, variables(target, caller));
        if (errors[0]) return wordOf(errors[0].code);
        const it = data?.it;
        if (it === null || it === undefined) return "null";
        return shows(it, target) ? "allowed" : "nothing";
      },
    })),
  );
}

function wordOf(code: unknown): string {
  return WORDS[String(code)] ?? String(code).toLowerCase().replaceAll("_", " ");
}

function mutationRows(): Row[] {
  return casesOf("Mutation", MUTATIONS).flatMap(([field, cases]) => {
    const Name = `${field[0]?.toUpperCase()}${field.slice(1)}`;
    const document = `mutation ($input: ${Name}Input!) { it: ${field}(input: $input) { __typename } }`;
    return cases.map(({ label, about, input }) => ({
      name: label ? `${field} (${label})` : field,
      about,
      writes: true,
      async answer(tx, caller, target) {
        const variables = { input: input(target, caller) };
        const { data, errors } = await graphqlAs(tx, caller.actor).run(document, variables);
        if (errors[0]) return wordOf(errors[0].code);
        const type = String(data?.it.__typename);
        return type === `${Name}Payload` ? "allowed" : wordOf(codeOf(type));
      },
    }));
  });
}

/** NotFoundError -> NOT_FOUND */
function codeOf(type: string): string {
  const words = type.replace(/Error$/, "").replace(/(?<=[a-z])(?=[A-Z])/g, "_");
  return words.toUpperCase();
}

function subscriptionRows(): Row[] {
  return casesOf("Subscription", SUBSCRIPTIONS).flatMap(([field, cases]) =>
    cases.map(({ about, document, variables }) => ({
      name: field,
      about,
      async answer(tx, caller, target) {
        const client = graphqlAs(tx, caller.actor);
        try {
          const batches = await client.subscribe(document, variables(target, caller));
          const { value } = await batches.next();
          await batches.return(undefined);
          return value.errors[0] ? wordOf(value.errors[0].code) : "allowed";
        } catch (error) {
          const [first] = JSON.parse((error as Error).message) as { code: string }[];
          return wordOf(first?.code);
        }
      },
    })),
  );
}

/** Every route of the REST app but for what is mounted on all paths. */
export function routesOf(app: RestApp): string[] {
  const routes = app.routes.filter((route) => `${route.method} ${route.path}` !== "ALL /*");
  return [...new Set(routes.map((route) => `${route.method} ${route.path}`))];
}

function restRows({ ctx, ours }: World): Row[] {
  let current = ctx;
  // The app copies its context for each request.
  const app = createRestApp({
    ...ctx,
    get db() {
      return current.db;
    },
    get afterCommit() {
      return current.afterCommit;
    },
  });
  return matched("REST", routesOf(app), ROUTES).map(([route, request]) => ({
    name: route,
    about: request.about,
    writes: true,
    async answer(tx, caller, target) {
      current = tx;
      const sent = requestOf(route, request, { caller, target, secret: ours.hook.secret });
      return statusWord((await app.request(...sent)).status);
    },
  }));
}

function requestOf(
  route: string,
  { path, body, headers }: RestCase,
  { caller, target, secret }: { caller: Caller; target: Target; secret: string },
): [string, RequestInit] {
  const [method = "", template = ""] = route.split(" ");
  const text = body ? JSON.stringify(body(target, caller)) : null;
  return [
    path ? path(target, caller) : template,
    {
      method,
      headers: {
        ...(caller.token !== null && { authorization: `Bearer ${caller.token}` }),
        ...(text !== null && { "content-type": "application/json" }),
        ...headers?.(text ?? "", secret),
      },
      ...(text !== null && { body: text }),
    },
  ];
}

function statusWord(status: number): string {
  if (status < 400) return "allowed";
  return { 401: "sign in", 403: "forbidden", 404: "not found", 410: "gone" }[status] ?? String(status);
}

class Undo extends Error {}

/** Runs it in a transaction that never commits: every cell finds the same world. */
async function undone<T>(ctx: Context, work: (tx: Context) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  await transact(ctx, async (tx) => {
    result = { value: await work(tx) };
    throw new Undo();
  }).catch((error) => {
    if (!(error instanceof Undo)) throw error;
  });
  if (!result) throw new Error("nothing ran");
  return result.value;
}

const SECTIONS = [
  ["Query", queryRows],
  ["Mutation", mutationRows],
  ["Subscription", subscriptionRows],
  ["REST", restRows],
] as const;

/** The matrix as a page of Markdown: a row for each operation, a column for each kind of caller. */
export async function accessMatrix(world: World): Promise<string> {
  const parts: string[] = [];
  for (const [title, rowsOf] of SECTIONS) {
    const table = [["", ...world.callers.map((caller) => caller.name)]];
    for (const row of rowsOf(world)) table.push([row.name, ...(await cellsOf(row, world))]);
    parts.push(`## ${title}\n\n${markdown(table)}`);
  }
  return parts.join("\n");
}

async function cellsOf(row: Row, { ctx, callers, ours, theirs }: World): Promise<string[]> {
  const ask = (caller: Caller, target: Target) =>
    row.writes ? undone(ctx, (tx) => row.answer(tx, caller, target)) : row.answer(ctx, caller, target);
  const cell = async (caller: Caller) => {
    const mine = await ask(caller, ours);
    if (row.about === "instance") return mine;
    // Without what is his own, it is somebody else's that is named.
    const named = row.about === "personal" ? { ...caller, own: null } : caller;
    return `${mine} / ${await ask(named, theirs)}`;
  };
  if (!row.writes) return Promise.all(callers.map(cell));
  const cells: string[] = [];
  for (const caller of callers) cells.push(await cell(caller));
  return cells;
}

function markdown([head = [], ...rows]: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("");
}
