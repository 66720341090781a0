import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { signIn } from "../api.ts";
import { cleanUp, type RunningShiplog, spawnShiplog, startShiplog } from "../process.ts";

afterAll(cleanUp);

const CREATE = `mutation($input: CreateProjectInput!) {
  createProject(input: $input) { ... on CreateProjectPayload { project { id slug } } ... on Error { message } }
}`;

async function createProject(shiplog: RunningShiplog, slug: string): Promise<void> {
  const owner = await signIn(shiplog.url);
  const answer = await owner.graphql<{ createProject: { project?: object } }>(CREATE, {
    input: { name: slug, slug },
  });
  expect(answer.createProject.project).toBeDefined();
}

async function slugs(shiplog: RunningShiplog): Promise<string[]> {
  const owner = await signIn(shiplog.url);
  const answer = await owner.graphql<{ projects: { edges: { node: { slug: string } }[] } }>(
    "{ projects { edges { node { slug } } } }",
  );
  return answer.projects.edges.map((edge) => edge.node.slug).toSorted();
}

/** Process ids of the embedded server, found by the data directory on their command line. */
function postmasters(dataDir: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return (
          line[0]?.endsWith("/postgres") && line.includes("-D") && owns(dataDir, line[line.indexOf("-D") + 1])
        );
      } catch {
        return false;
      }
    });
}

/** As root the cluster may lie elsewhere; place.json in the data directory names the folder. */
function owns(dataDir: string, cluster: string | undefined): boolean {
  if (!cluster) return false;
  const own = join(dataDir, "postgres");
  const { home } = JSON.parse(readFileSync(join(own, "place.json"), "utf8")) as { home: string };
  return cluster.startsWith(resolve(own, home));
}

describe("the life of the process", () => {
  it("starts on a bare machine, serves, and stops everything within five seconds", async () => {
    const shiplog = await startShiplog();
    const ready = await fetch(`${shiplog.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(postmasters(shiplog.dataDir)).toHaveLength(1);
    expect(await shiplog.stop()).toBeLessThan(5_000);
    expect(await shiplog.exited).toBe(0);
    expect(postmasters(shiplog.dataDir)).toEqual([]);
  });

  it("loses nothing acknowledged when the process, the database, or both are killed", async () => {
    let shiplog = await startShiplog();
    const { dataDir } = shiplog;
    await createProject(shiplog, "before-crash");
    await shiplog.kill();
    shiplog = await startShiplog({ dataDir });
    expect(await slugs(shiplog)).toEqual(["before-crash"]);

    await createProject(shiplog, "before-both");
    const [database] = postmasters(dataDir);
    shiplog.child.kill("SIGKILL");
    process.kill(database ?? Number.NaN, "SIGKILL");
    await shiplog.exited;
    shiplog = await startShiplog({ dataDir });
    expect(await slugs(shiplog)).toEqual(["before-both", "before-crash"]);

    await createProject(shiplog, "before-database");
    process.kill(postmasters(dataDir)[0] ?? Number.NaN, "SIGKILL");
    await expect.poll(() => slugs(shiplog).catch(() => []), { timeout: 20_000 }).toHaveLength(3);
    expect(await shiplog.stop()).toBeLessThan(5_000);
  }, 90_000);
});

describe("a start that cannot be", () => {
  it("on a data directory in use says so", async () => {
    const first = await startShiplog();
    const second = spawnShiplog({ dataDir: first.dataDir });
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(first.dataDir);
    expect(second.output()).toMatch(/already|in use|running/i);
    expect(second.output()).not.toMatch(/\n\s+at /);
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  });

  it("on a taken port says which", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const failed = spawnShiplog({ env: { PORT: String(port) } });
    expect(await failed.exited).toBe(1);
    expect(failed.output()).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expect(postmasters(failed.dataDir)).toEqual([]);
    server.close();
  });

  it("in a directory that cannot be written says so", async () => {
    const other = spawnShiplog({ env: { PORT: "0" } });
    other.child.kill("SIGKILL");
    await other.exited;
    const file = join(other.dataDir, "a-file");
    writeFileSync(file, "");
    const failed = spawnShiplog({ dataDir: join(file, "below") });
    expect(await failed.exited).toBe(1);
    expect(failed.output()).toContain(file);
    expect(failed.output()).not.toMatch(/\n\s+at /);
  });

  it("names every problem of the configuration at once", async () => {
    const failed = spawnShiplog({
      env: {
        PORT: "99999",
        SHIPLOG_ROLE: "captain",
        DATABASE_URL: "mysql://x",
        SHIPLOG_PUBLIC_URL: "nowhere",
      },
    });
    expect(await failed.exited).toBe(1);
    for (const name of ["PORT", "SHIPLOG_ROLE", "DATABASE_URL", "SHIPLOG_PUBLIC_URL"]) {
      expect(failed.output()).toContain(name);
    }
    expect(failed.output()).not.toMatch(/\n\s+at /);
    expect(existsSync(join(failed.dataDir, "keys"))).toBe(false);
  });
});
