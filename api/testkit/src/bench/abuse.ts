import { COSTLY_DOCUMENTS, type CostlyDocument, PAGES } from "../abuse/documents.ts";
import { type ApiClient, signIn } from "../api.ts";
import { until } from "../deferred.ts";
import { cleanUp, type RunningShiplog, startShiplog } from "../process.ts";
import { familyCpuUs } from "./live/machine.ts";

/**
 * `bench abuse`: what the costliest documents take of a server's CPU, each with the largest page that is accepted; the
 * server is a process of its own with the demo project, and what it does for that besides counts in. PostgreSQL's own
 * CPU does not.
 */
const TIMES = 20;

interface Cost {
  readonly page: number;
  /** Codes of the errors; empty: it ran. */
  readonly refused: string;
  readonly cpuMs: number;
  readonly wallMs: number;
}

async function ask(url: string, { token }: ApiClient, query: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { errors = [] } = (await response.json()) as { errors?: { extensions?: { code?: string } }[] };
  return errors.map(({ extensions }) => extensions?.code ?? "?");
}

/** The server's CPU and the time for each document (ms). */
async function measure(server: RunningShiplog, work: () => Promise<unknown>): Promise<[number, number]> {
  const pid = server.child.pid ?? 0;
  const before = familyCpuUs(pid);
  const began = performance.now();
  for (let n = 0; n < TIMES; n++) await work();
  const wallMs = performance.now() - began;
  return [(familyCpuUs(pid) - before) / 1_000 / TIMES, wallMs / TIMES];
}

async function costOf(
  server: RunningShiplog,
  owner: ApiClient,
  projectId: string,
  document: CostlyDocument,
): Promise<Cost> {
  for (const page of PAGES) {
    const query = document.text(projectId, page);
    const codes = await ask(server.url, owner, query);
    if (codes.includes("QUERY_TOO_COMPLEX") && page > 1) continue;
    const [cpuMs, wallMs] = await measure(server, () => ask(server.url, owner, query));
    const round = (ms: number) => Math.round(ms * 10) / 10;
    return { page, refused: [...new Set(codes)].join(), cpuMs: round(cpuMs), wallMs: round(wallMs) };
  }
  throw new Error("no page was tried");
}

/** Prints the cost of each. */
export async function run(args: readonly string[]): Promise<void> {
  const server = await startShiplog({ env: { SHIPLOG_DEMO: "1", SHIPLOG_RATE_LIMIT: "0" } });
  try {
    const owner = await signIn(server.url);
    const projectId = await until(async () => {
      const { projects } = await owner.graphql<{ projects: { edges: { node: { id: string } }[] } }>(
        "{ projects(first: 1) { edges { node { id } } } }",
      );
      return projects.edges[0]?.node.id;
    }, 60_000);
    const result: Record<string, Cost> = {};
    for (const document of COSTLY_DOCUMENTS) {
      result[document.name] = await costOf(server, owner, projectId, document);
    }
    if (args.includes("--json")) console.log(JSON.stringify(result));
    else console.table(result);
  } finally {
    await cleanUp();
  }
}
