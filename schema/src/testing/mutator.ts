import type { Actor, Context } from "@shiplog/core";
import { graphqlAs } from "@shiplog/testkit/graphql";
import { type GraphQLUnionType, isUnionType } from "graphql";
import { expect } from "vitest";
import { createSchema } from "../index.ts";

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

/** Runs mutations, and knows which members of their unions have been met. */
export function mutator(
  ctx: Context,
  { owner, stranger }: { readonly owner: Actor; readonly stranger: Actor },
) {
  const met = new Set<string>();

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

  return { mutate, refusals, unmet };
}
