import { type Actor, type Context, DomainError } from "@shiplog/core";
import { createStreams, type Streams } from "@shiplog/core/live";
import { createSchema, type GraphQLContext } from "@shiplog/schema";
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  parse,
  subscribe,
  validate,
} from "graphql";
import type { TestDatabase } from "./database.ts";

/** An answer whose data the test describes. */
export interface Answer<T> {
  readonly data: T | null | undefined;
  readonly errors: readonly { readonly message: string; readonly code: unknown; readonly path: unknown }[];
}

/** Runs documents against the real schema as one actor. */
export interface GraphqlClient {
  /** The whole answer, errors included; a document that is not valid throws. */
  // biome-ignore lint/suspicious/noExplicitAny: a test names the shape of its data when it wants to.
  run<T = any>(document: string, variables?: Record<string, unknown>): Promise<Answer<T>>;
  /** The data; throws when the answer has errors. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  data<T = any>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /** The data, and how many SQL statements it took. */
  counted<T>(
    database: TestDatabase,
    document: string,
    variables?: Record<string, unknown>,
  ): Promise<{ readonly data: T; readonly statements: readonly string[] }>;
  /** Answers as they come; throws when the subscription is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  subscribe<T = any>(
    document: string,
    variables?: Record<string, unknown>,
  ): Promise<AsyncGenerator<Answer<T>>>;
}

/** Documents that were checked last: many tests run one again and again. */
const CHECKED = new Map<string, DocumentNode>();
const MOST_CHECKED = 100;

function checked(document: string): DocumentNode {
  const known = CHECKED.get(document);
  if (known) return known;
  const parsed = parse(document);
  const errors = validate(createSchema(), parsed);
  if (errors.length > 0) throw new Error(errors.map((error) => error.message).join("\n"));
  CHECKED.set(document, parsed);
  const [oldest] = CHECKED.keys();
  if (CHECKED.size > MOST_CHECKED && oldest !== undefined) CHECKED.delete(oldest);
  return parsed;
}

/** As both transports show it: an expected error with its code. */
function codeOf({ extensions, originalError }: GraphQLError): unknown {
  return originalError instanceof DomainError ? originalError.code : extensions.code;
}

function answerOf<T>({ data, errors = [] }: ExecutionResult): Answer<T> {
  return {
    data: data as T | null | undefined,
    errors: errors.map((error) => ({ message: error.message, code: codeOf(error), path: error.path })),
  };
}

/** A client that acts as that actor (null: nobody) on a context; without `streams` it makes its own. */
export function graphqlAs(ctx: Context, actor: Actor | null, streams?: Streams): GraphqlClient {
  let own = streams;
  const lazily: Streams = {
    open(request) {
      own ??= createStreams(ctx);
      return own.open(request);
    },
  };
  const args = (document: string, variables?: Record<string, unknown>) => ({
    schema: createSchema(),
    document: checked(document),
    variableValues: variables,
    contextValue: { core: ctx, actor, streams: lazily, requestId: "test" } satisfies GraphQLContext,
  });
  const client: GraphqlClient = {
    run: async (document, variables) => answerOf(await execute(args(document, variables))),
    async data(document, variables) {
      const { data, errors } = await client.run(document, variables);
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data;
    },
    async counted<T>(database: TestDatabase, document: string, variables?: Record<string, unknown>) {
      let data: T | undefined;
      const statements = await database.statements(async () => {
        data = await client.data<T>(document, variables);
      });
      return { data: data as T, statements };
    },
    async subscribe(document, variables) {
      const result = await subscribe(args(document, variables));
      if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(answerOf(result).errors));
      return answers(result);
    },
  };
  return client;
}

async function* answers<T>(results: AsyncIterable<ExecutionResult>): AsyncGenerator<Answer<T>> {
  for await (const result of results) yield answerOf<T>(result);
}
