import { testDatabase } from "@shiplog/testkit/database";
import { Client } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { type Door, direct, overMcp } from "../../fixtures/doors.ts";
import { seedProject, seedRecords } from "../../fixtures/records.ts";
import { serversOf } from "../../runtime.ts";
import { activitySummary } from "./activity.ts";
import { agentRunSummary } from "./agents.ts";
import { slowestJobs } from "./jobs.ts";
import { pipelineSummary, recentFailures } from "./pipelines.ts";
import { readOnly } from "./readonly.ts";
import { reportTool } from "./report.ts";

const database = await testDatabase();
const client = new Client({ connectionString: database.url });
client.on("error", () => undefined);
await client.connect();
afterAll(() => client.end());

const ours = await seedProject(client, "ours");
const foreign = await seedProject(client, "foreign");
await seedRecords(client, ours, "ours");
await seedRecords(client, foreign, "foreign-canary");
const empty = await seedProject(client, "empty");

const REPORTS = [
  "ai_activity_summary",
  "pipeline_summary",
  "slowest_jobs",
  "recent_failures",
  "agent_run_summary",
];

function inProcess(projectId: string, url = database.url): Door {
  const env = { url, projectId };
  return direct([
    reportTool(activitySummary, env),
    reportTool(pipelineSummary, env),
    reportTool(slowestJobs, env),
    reportTool(recentFailures, env),
    reportTool(agentRunSummary, env),
  ]);
}

async function inChild(projectId: string): Promise<Door> {
  const scope = { projectId, workspacePath: null };
  const [spec] = serversOf({ databaseUrl: database.url, denyPaths: [] }, scope);
  if (!spec) throw new Error("no database server");
  return overMcp(spec);
}

const doors: [string, Door][] = [
  ["in process", inProcess(ours)],
  ["in a child process", await inChild(ours)],
];

describe.each(doors)("reports, %s", (_name, door) => {
  it("sum up AI activity and compare it with the period before", async () => {
    const report = await door.call("ai_activity_summary", { days: 30 });
    expect(report).toMatchObject({
      days: 30,
      total: { activities: 3, inputTokens: 3_000, outputTokens: 300, costNanos: "2500000000", unpriced: 1 },
      previous: { activities: 1, costNanos: "1000000000", unpriced: 0 },
    });
    expect(report.groups).toMatchObject([
      { tool: "claude", model: "ours-model", category: "feature", activities: 2, costNanos: "2500000000" },
      {
        tool: "cursor",
        model: "ours-unknown",
        category: "bugfix",
        activities: 1,
        costNanos: null,
        unpriced: 1,
      },
    ]);
  });

  it("sum up pipelines, their slowest jobs and newest failures", async () => {
    const summary = await door.call("pipeline_summary");
    expect(summary.pipelines).toMatchObject([
      { name: "ours-ci", runs: 4, success: 2, failed: 1, unfinished: 1, reruns: 1, lastStatus: "running" },
    ]);
    expect(summary.pipelines[0].passRate).toBeCloseTo(2 / 3);
    expect(summary.pipelines[0].medianSeconds).toBe(300);
    expect(summary.pipelines[0].lastId).toMatch(/^ppl_[0-9a-z]{26}$/u);
    const jobs = await door.call("slowest_jobs");
    expect(jobs.jobs).toMatchObject([
      {
        pipeline: "ours-ci",
        job: "ours-test",
        runs: 3,
        failed: 1,
        medianSeconds: 240,
        totalSeconds: 720,
        share: 0.8,
      },
      { pipeline: "ours-ci", job: "ours-lint", runs: 3, totalSeconds: 180, share: 0.2 },
    ]);
    const failures = await door.call("recent_failures");
    expect(failures.failures).toMatchObject([
      { pipeline: "ours-ci", branch: "main", title: "ours title", jobs: ["ours-test"] },
    ]);
  });

  it("sum up agent runs", async () => {
    const report = await door.call("agent_run_summary");
    expect(report.agents).toMatchObject([
      {
        agentType: "ours-agent",
        runs: 3,
        completed: 1,
        failed: 1,
        open: 1,
        medianSeconds: 60,
        costNanos: "5",
      },
    ]);
  });

  it("never hold a row of another project, and take no project", async () => {
    for (const name of REPORTS) {
      expect(JSON.stringify(await door.call(name, { days: 365 }))).not.toContain("foreign-canary");
      for (const argument of ["projectId", "project_id", "project"]) {
        await expect(door.call(name, { [argument]: foreign })).rejects.toThrow(argument);
      }
    }
  });

  it.each([
    { days: "30; DROP TABLE project" },
    { days: "1) OR (1=1" },
    { days: 0 },
    { days: 1e9 },
    { days: 1.5 },
    { sql: "SELECT 1" },
    { limit: -1 },
    { days: null },
  ])("refuse %j", async (args) => {
    for (const name of REPORTS) await expect(door.call(name, args)).rejects.toThrow();
  });

  it("leave no connection behind", async () => {
    await expect
      .poll(async () => {
        const { rows } = await client.query(
          "SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'shiplog-reports' AND datname = current_database()",
        );
        return rows[0].open;
      })
      .toBe(0);
  });
});

describe("a project without records", () => {
  it("gets empty reports", async () => {
    const door = inProcess(empty);
    expect(await door.call("ai_activity_summary")).toMatchObject({
      total: { activities: 0, costNanos: null, unpriced: 0 },
      groups: [],
    });
    expect(await door.call("pipeline_summary")).toMatchObject({ pipelines: [] });
    expect(await door.call("slowest_jobs")).toMatchObject({ jobs: [] });
    expect(await door.call("recent_failures")).toMatchObject({ failures: [] });
    expect(await door.call("agent_run_summary")).toMatchObject({ agents: [] });
  });
});

describe("the connection of a report", () => {
  const signal = new AbortController().signal;
  const run = (text: string, values: unknown[] = []) =>
    readOnly(database.url, signal, (ask) => ask({ text, values }));

  it.each([
    "INSERT INTO project_workspace VALUES (gen_random_uuid(), 'x', now())",
    "UPDATE project SET name = 'x'",
    "DELETE FROM project",
    "TRUNCATE project CASCADE",
    "CREATE TABLE pwned (x int)",
    "CREATE TEMP TABLE pwned (x int); COMMIT",
    "COMMIT; CREATE TABLE pwned (x int)",
    "ROLLBACK; DELETE FROM project",
    "SELECT 1; SELECT 2",
    "WITH gone AS (DELETE FROM project RETURNING id) SELECT * FROM gone",
    "SELECT test_write()",
    "SELECT setval('test_sequence', 100)",
    "SELECT nextval('test_sequence')",
    "SELECT lo_create(0)",
    "SELECT * FROM project FOR UPDATE",
    "COPY project FROM '/dev/null'",
    "DO $$ BEGIN DELETE FROM project; END $$",
    "SET TRANSACTION READ WRITE",
    "GRANT ALL ON project TO public",
    "NOTIFY x",
    "VACUUM",
  ])("cannot write: %s", async (text) => {
    await client.query("CREATE SEQUENCE IF NOT EXISTS test_sequence");
    await client.query(
      "CREATE OR REPLACE FUNCTION test_write() RETURNS int LANGUAGE sql AS $$ DELETE FROM project; SELECT 1 $$",
    );
    const before = await client.query("SELECT id, name FROM project ORDER BY id");
    await run(text).then(
      () => run("SELECT count(*) FROM project"),
      () => undefined,
    );
    const after = await client.query("SELECT id, name FROM project ORDER BY id");
    expect(after.rows).toEqual(before.rows);
    const { rows } = await client.query(
      "SELECT to_regclass('pwned') AS pwned, last_value FROM test_sequence",
    );
    expect(rows[0]).toEqual({ pwned: null, last_value: "1" });
  });

  it("stays read-only after a statement asks for more", async () => {
    const attempt = readOnly(database.url, signal, async (ask) => {
      await ask({ text: "SELECT 1", values: [] });
      await ask({ text: "SET TRANSACTION READ WRITE", values: [] });
      await ask({ text: "DELETE FROM project", values: [] });
    });
    await expect(attempt).rejects.toThrow();
  });

  it("gives a statement five seconds", async () => {
    const start = Date.now();
    await expect(run("SELECT pg_sleep(30)")).rejects.toThrow("took longer than 5 s");
    expect(Date.now() - start).toBeLessThan(9_000);
  });

  it("waits a second for a lock, and says so", async () => {
    await client.query("BEGIN");
    await client.query("LOCK TABLE pipeline_execution IN ACCESS EXCLUSIVE MODE");
    try {
      await expect(inProcess(ours).call("pipeline_summary")).rejects.toThrow("locked");
    } finally {
      await client.query("ROLLBACK");
    }
  });

  it("caps rows and bytes", async () => {
    await expect(run("SELECT generate_series(1, 501)")).rejects.toThrow("500 rows");
    await expect(run("SELECT repeat('x', 300000)")).rejects.toThrow("bytes");
  });

  it("ends with its caller", async () => {
    const abort = new AbortController();
    const slow = readOnly(database.url, abort.signal, (ask) =>
      ask({ text: "SELECT pg_sleep(4)", values: [] }),
    );
    await expect.poll(async () => (await client.query(SLEEPING)).rows[0].open).toBe(1);
    abort.abort();
    await expect(slow).rejects.toThrow("cancelled");
  });

  it("that cannot be made says so without an address", async () => {
    const door = inProcess(ours, "postgres://nobody:hunter2@127.0.0.1:1/none");
    await expect(door.call("pipeline_summary")).rejects.toThrow(/^the database cannot be reached$/u);
  });
});

const SLEEPING =
  "SELECT count(*)::int AS open FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(4)%' AND state = 'active'";
