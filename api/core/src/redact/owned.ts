import type { Context } from "../context.ts";
import type { Bus } from "../ports.ts";
import { integrationSecret } from "../secret-places.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

/** A secret that another process made is known here after this long. */
const FRESH_MS = 60_000;

interface Known {
  readonly at: number;
  readonly redactor: Promise<Redactor>;
}

/** One bus belongs to one database in one process, and it outlives the contexts of transactions. */
const KNOWN = new WeakMap<Bus, Map<string, Known>>();

function knownOf(ctx: Context): Map<string, Known> {
  let known = KNOWN.get(ctx.bus);
  if (!known) {
    known = new Map();
    KNOWN.set(ctx.bus, known);
  }
  return known;
}

/** Knows the secrets that the project owns here and those of the installation. One statement a minute per project. */
export function redactorOf(ctx: Context, projectId: string): Promise<Redactor> {
  const known = knownOf(ctx);
  const found = known.get(projectId);
  if (found && performance.now() - found.at < FRESH_MS) return found.redactor;
  const redactor = ownedSecrets(ctx, projectId).then(createRedactor);
  known.set(projectId, { at: performance.now(), redactor });
  redactor.catch(() => known.delete(projectId));
  return redactor;
}

/** After a secret of the project was made. */
export function forgetRedactor(ctx: Context, projectId: string): void {
  knownOf(ctx).delete(projectId);
}

async function ownedSecrets(ctx: Context, projectId: string): Promise<string[]> {
  const rows = await ctx.db.integration.findMany({
    where: { projectId },
    select: { id: true, secretSealed: true },
  });
  const secrets = rows.flatMap(({ id, secretSealed }) => {
    try {
      return [ctx.secrets.open(secretSealed, integrationSecret.bind(id)).toString()];
    } catch (error) {
      ctx.log.debug({ error, integration: id }, "a secret does not open and cannot be looked for");
      return [];
    }
  });
  return [...secrets, ...(ctx.ownSecrets ?? [])];
}
