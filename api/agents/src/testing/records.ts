import { randomUUID } from "node:crypto";
import type { Client } from "pg";

/** Rows for the reports, written past the domain: these tests are about reading. */
export async function seedProject(client: Client, slug: string): Promise<string> {
  const id = randomUUID();
  await client.query(
    "INSERT INTO project (id, name, slug, tech_stack, created_at, updated_at) VALUES ($1, $2, $3, '{}', now(), now())",
    [id, slug, `${slug}-${id}`],
  );
  return id;
}

/**
 * 3 AI activities now and 1 in the period before; a pipeline with 2 green, 1 red (a second attempt) and 1
 * running run, each finished one with a test job of 240 s and a lint job of 60 s; 3 agent runs.
 */
export async function seedRecords(client: Client, projectId: string, label: string): Promise<void> {
  await seedActivities(client, projectId, label);
  await seedPipelines(client, projectId, label);
  await seedAgents(client, projectId, label);
}

async function seedActivities(client: Client, projectId: string, label: string): Promise<void> {
  const rows: [string, string, string, string | null, string | null, number][] = [
    ["claude", `${label}-model`, "feature", null, "1500000000", 1],
    ["claude", `${label}-model`, "feature", "1000000000", "7", 2],
    ["cursor", `${label}-unknown`, "bugfix", null, null, 3],
    ["claude", `${label}-model`, "docs", "1000000000", null, 40],
  ];
  for (const [tool, model, category, reported, computed, daysAgo] of rows) {
    await client.query(
      `INSERT INTO ai_activity (id, project_id, tool, category, model, input_tokens, output_tokens,
         cost_reported_nanos, cost_computed_nanos, source, occurred_at, created_at)
       VALUES ($1, $2, $3, $4::ai_activity_category, $5, 1000, 100, $6, $7, 'test',
         now() - make_interval(days => $8), now())`,
      [randomUUID(), projectId, tool, category, model, reported, computed, daysAgo],
    );
  }
}

async function seedPipelines(client: Client, projectId: string, label: string): Promise<void> {
  const repositoryId = randomUUID();
  await client.query(
    `INSERT INTO repository (id, project_id, provider, external_id, full_name, created_at)
     VALUES ($1, $2, 'github', $3, $4, now())`,
    [repositoryId, projectId, randomUUID(), `${label}/repo`],
  );
  const runs: [string, number, number][] = [
    ["success", 1, 4],
    ["failed", 2, 3],
    ["success", 1, 2],
    ["running", 1, 1],
  ];
  for (const [status, attempt, daysAgo] of runs) {
    const id = randomUUID();
    const ended = status !== "running";
    await client.query(
      `INSERT INTO pipeline_execution (id, project_id, repository_id, provider, external_id, attempt, pipeline_name,
         title, status, branch, started_at, completed_at, created_at)
       SELECT $1, $2, $3, 'github', $4, $5, $6, $7, $8::pipeline_status, 'main', at,
         CASE WHEN $9 THEN at + interval '300 s' END, at
       FROM (SELECT now() - make_interval(days => $10) AS at) t`,
      [
        id,
        projectId,
        repositoryId,
        randomUUID(),
        attempt,
        `${label}-ci`,
        `${label} title`,
        status,
        ended,
        daysAgo,
      ],
    );
    if (!ended) continue;
    for (const [job, seconds, jobStatus] of [
      ["test", 240, status],
      ["lint", 60, "success"],
    ] as const) {
      await client.query(
        `INSERT INTO pipeline_job (id, pipeline_id, external_id, name, status, labels, started_at, completed_at)
         VALUES ($1, $2, $3, $4, $5::pipeline_status, '{}', now(), now() + make_interval(secs => $6))`,
        [randomUUID(), id, randomUUID(), `${label}-${job}`, jobStatus, seconds],
      );
    }
  }
}

async function seedAgents(client: Client, projectId: string, label: string): Promise<void> {
  for (const [status, cost] of [
    ["completed", 2],
    ["failed", 3],
    ["running", null],
  ] as const) {
    await client.query(
      `INSERT INTO agent_execution (id, project_id, agent_type, task_description, status, cost_nanos, started_at,
         completed_at, last_activity_at, created_at)
       VALUES ($1, $2, $3, 'x', $4::agent_execution_status, $5, now(), now() + interval '60 s', now(), now())`,
      [randomUUID(), projectId, `${label}-agent`, status, cost],
    );
  }
}
