import type { Actor, Context, Origin } from "@shiplog/core";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { type GraphQLUnionType, isUnionType } from "graphql";
import { expect } from "vitest";
import { createSchema } from "../index.ts";
import { actionOf } from "../shared/action.ts";

interface Cases {
  /** Somebody who sees the object but lacks the power. */
  readonly lacking?: Actor;
  /** What makes the input name a foreign object. */
  readonly foreign?: object;
  /** What makes the input break a rule. */
  readonly invalid?: object;
  /** Who is let in but for that; the owner unless named. */
  readonly by?: Actor;
}

/** The errors with fields of their own. */
const FIELDS: Readonly<Record<string, string>> = {
  InvalidInputError: "issues { path message }",
  TooManyAttemptsError: "retryAfterSeconds",
  BusyError: "retryAfterSeconds",
  BatchOutOfOrderError: "expected",
  AgentExecutionEndedError: "status",
};

function resultName(mutation: string): string {
  return `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Result`;
}

function unionOf(mutation: string): GraphQLUnionType {
  const type = createSchema().getType(resultName(mutation));
  if (!isUnionType(type)) throw new Error(`${mutation} answers no union`);
  return type;
}

/** From where every mutation comes. */
const ORIGIN: Origin = { address: "192.0.2.9", userAgent: "tests", requestId: "mutation-1" };

const REFUSED = new Set(["ForbiddenError", "NotFoundError", "InvalidCredentialsError"]);

/** What the audit log must say of a mutation that answered this. */
function expectedEntry(actor: Actor, name: string, answer: string) {
  const outcome = REFUSED.has(answer) ? "refused" : answer.endsWith("Error") ? "failed" : "succeeded";
  return {
    action: actionOf(name),
    outcome,
    ...ORIGIN,
    actorType: actor.type,
    userId: actor.type === "user" ? actor.userId : null,
    sessionId: actor.type === "user" ? actor.sessionId : null,
    apiKeyId: actor.type === "key" ? actor.keyId : null,
    ...(outcome === "succeeded" && { targetType: expect.any(String), targetId: expect.any(String) }),
  };
}

/** The tables in which the transaction that wrote an audit entry (named on every row of it) has left a row. */
async function writtenWith(ctx: Context, entryId: string): Promise<string[]> {
  const tables = await ctx.db.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'audit%'`;
  const xmin = `(SELECT xmin::text FROM audit_entry WHERE id = '${entryId}')`;
  const selects = tables.map(
    ({ name }) => `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM "${name}" WHERE xmin::text = ${xmin})`,
  );
  const rows = await ctx.db.$queryRawUnsafe<{ name: string }[]>(selects.join(" UNION ALL "));
  return rows.map(({ name }) => name);
}

/** Runs mutations, each of which must write exactly one audit entry; and knows which members of their unions have been met. */
export function mutator(
  base: Context,
  { owner, stranger }: { readonly owner: Actor; readonly stranger: Actor },
) {
  const ctx: Context = { ...base, origin: ORIGIN };
  const met = new Set<string>();
  const [succeeded, together] = [new Set<string>(), new Set<string>()];
  let seen = "";

  /** What was written since the last call; ids grow. */
  async function newEntries() {
    const rows = await ctx.db.auditEntry.findMany({
      where: { requestId: ORIGIN.requestId },
      orderBy: { id: "asc" },
    });
    const fresh = rows.filter((row) => row.id > seen);
    seen = rows.at(-1)?.id ?? seen;
    return fresh;
  }

  /** Selects the payload, and the fields of every error. */
  async function mutate(actor: Actor | null, name: string, input: object, payload = "__typename") {
    const names = unionOf(name)
      .getTypes()
      .map((type) => type.name);
    const own = names.filter((type) => FIELDS[type]).map((type) => `... on ${type} { ${FIELDS[type]} }`);
    const type = resultName(name).replace(/Result$/, "");
    const document = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) {
      __typename ... on Error { message } ... on ${type}Payload { ${payload} } ${own.join(" ")} } }`;
    const { result } = await graphqlAs(ctx, actor).data(document, { input });
    met.add(`${name}: ${result.__typename}`);
    // Nobody in particular leaves none: he must not be able to fill a log that cannot be emptied.
    const expected = actor ? [expect.objectContaining(expectedEntry(actor, name, result.__typename))] : [];
    const entries = await newEntries();
    expect(entries, `audit of ${name}`).toEqual(expected);
    const [entry] = entries;
    if (entry?.outcome === "succeeded") {
      succeeded.add(name);
      // One that repeats another writes nothing but that.
      if ((await writtenWith(ctx, entry.id)).length > 0) together.add(name);
    }
    return result;
  }

  /** The errors that almost every mutation has: for nobody, a stranger, a role that does not reach, a broken rule. */
  async function refusals(name: string, input: object, { lacking, foreign, invalid, by = owner }: Cases) {
    const answer = async (actor: Actor | null, changes: object = {}) =>
      (await mutate(actor, name, { ...input, ...changes })).__typename;
    expect(await answer(null)).toBe("UnauthenticatedError");
    if (lacking) expect(await answer(lacking)).toBe("ForbiddenError");
    if (foreign) {
      expect(await answer(stranger)).toBe("NotFoundError");
      expect(await answer(by, foreign)).toBe("NotFoundError");
    }
    if (invalid) expect(await answer(by, invalid)).toBe("InvalidInputError");
  }

  /** Members of unions that no mutation answered so far. */
  function unmet(): string[] {
    const mutations = Object.keys(createSchema().getMutationType()?.getFields() ?? {});
    const all = mutations.flatMap((name) =>
      unionOf(name)
        .getTypes()
        .map((type) => `${name}: ${type.name}`),
    );
    return all.filter((pair) => !met.has(pair));
  }

  /** Mutations of which no entry was ever written in a transaction with a row that they wrote. */
  const alone = () => [...succeeded].filter((name) => !together.has(name)).sort();

  return { mutate, refusals, unmet, alone };
}
