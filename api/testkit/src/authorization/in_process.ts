import { type Context, transact } from "@shiplog/core";
import { graphqlAs } from "../graphql.ts";
import { type Generated, generate } from "./generate.ts";
import type { Asking } from "./swap.ts";
import { type Tenants, valuesInTurn } from "./values.ts";

/** Executed in this process; what changes something is undone, so that both twins find the same world. */
export function inProcess(tenants: Tenants): Asking<Generated> {
  const { ctx } = tenants;
  // Two that change the same rows would wait for each other, or see each other's ids.
  const inTurn = queue();
  return {
    lanes: 4,
    make: (random, swaps, turn) => generate(random, valuesInTurn(tenants, swaps, turn)),
    async answer({ actor }, { kind, document, variables }) {
      if (kind === "query") return graphqlAs(ctx, actor).run(document, variables);
      if (kind === "mutation") {
        return inTurn(() => undone(ctx, (tx) => graphqlAs(repeatable(tx), actor).run(document, variables)));
      }
      try {
        const batches = await graphqlAs(ctx, actor).subscribe(document, variables);
        const { value } = await batches.next();
        await batches.return(undefined);
        return value;
      } catch (error) {
        return { data: null, errors: JSON.parse((error as Error).message) };
      }
    },
  };
}

function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}

/** Twins make the same ids and secrets. */
function repeatable(ctx: Context): Context {
  let made = 0;
  return {
    ...ctx,
    newId: () => `ffffffff-ffff-7fff-8fff-${(++made).toString(16).padStart(12, "0")}`,
    randomBytes: (size) => Buffer.alloc(size, ++made),
  };
}

class Undo extends Error {}

async function undone<T>(ctx: Context, work: (tx: Context) => Promise<T>): Promise<T> {
  const results: T[] = [];
  await transact(ctx, async (tx) => {
    results.push(await work(tx));
    throw new Undo();
  }).catch((error) => {
    if (!(error instanceof Undo)) throw error;
  });
  return results[0] as T;
}
