import { queryRaw, sql } from "@shiplog/db";
import type { Context } from "../../context.ts";
import { type FoldKeys, fold } from "../fold.ts";
import type { RepositoryEvent, RepositoryFields } from "../normalized.ts";
import type { Scope, Source } from "./scope.ts";

interface Row extends RepositoryFields {
  id: string;
  fold: FoldKeys;
}

/** Creates the repository when it is new, locks it until commit, and folds what the delivery says of it. */
export async function openScope(tx: Context, source: Source, event: RepositoryEvent): Promise<Scope> {
  const row = await lock(tx, source, event);
  const { values, keys, moved } = fold<RepositoryFields>(
    { fullName: row.fullName, url: row.url, defaultBranch: row.defaultBranch },
    row.fold,
    [event],
    source.bodyHash,
  );
  if (moved) await tx.db.repository.update({ where: { id: row.id }, data: { ...values, fold: keys } });
  return { ...source, tx, repository: { id: row.id, fullName: values.fullName } };
}

async function lock(tx: Context, source: Source, event: RepositoryEvent): Promise<Row> {
  const found = await select(tx, source, event.externalId);
  if (found) return found;
  // Of two first deliveries the second waits here for the first one's commit, then locks its row.
  await tx.db.$executeRaw(sql`INSERT INTO repository (id, project_id, provider, external_id, full_name, created_at)
    VALUES (${tx.newId()}::uuid, ${source.projectId}::uuid, ${source.provider}, ${event.externalId},
      ${event.fields.fullName ?? event.externalId}, ${tx.clock.now()}::timestamptz)
    ON CONFLICT (project_id, provider, external_id) DO NOTHING`);
  const made = await select(tx, source, event.externalId);
  if (!made) throw new Error("the repository row vanished");
  return made;
}

async function select(tx: Context, source: Source, externalId: string): Promise<Row | undefined> {
  const rows = await queryRaw<Row>(
    tx.db,
    sql`SELECT id, full_name AS "fullName", url, default_branch AS "defaultBranch", fold FROM repository
        WHERE project_id = ${source.projectId}::uuid AND provider = ${source.provider}
          AND external_id = ${externalId}
        FOR NO KEY UPDATE`,
  );
  return rows[0];
}
