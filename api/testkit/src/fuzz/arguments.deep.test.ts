import { createSchema } from "@shiplog/schema";
import { startEdge } from "@shiplog/server/testing/edge";
import { afterAll, expect, test } from "vitest";
import { makeTarget } from "../authorization/target.ts";
import { testDatabase } from "../database.ts";
import { makePerson } from "../people.ts";
import { type Known, type Place, placesOf } from "./arguments.ts";
import { HOSTILE } from "./hostile.ts";

/*
 * Each argument of each field, and each place in an input, once with every value that has broken programs: whoever
 * sends it is told what is wrong, or is answered; nothing of it is a fault of the server.
 */

const database = await testDatabase();
const failures: object[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => void failures.push(fields) };
const edge = await startEdge(database, {}, { log, settings: { workspaces: ["/usr"] } });
afterAll(() => edge.stop());
const target = await makeTarget(edge.ctx, "hostile", "/usr");
const roles = { [target.rows.projectId]: "owner" } as const;
const { accessToken } = await makePerson(edge.ctx, roles, { isAdmin: true });

const TEXTS: Readonly<Record<string, unknown>> = {
  ...{ email: "somebody@example.org", role: "viewer", tool: "claude", path: "/usr", agentType: "ci" },
  ...{ slug: "hostile", scopes: "agent:read", password: "correct horse battery" },
};
const SCALARS: Readonly<Record<string, unknown>> = {
  ...{ Int: 5, Float: 1, Boolean: true, BigInt: "7", USD: "1", DateTime: "2026-03-02T09:00:00Z" },
  JSON: { path: "/usr" },
};
/** The kind of object that an id names, by the beginning or the end of a field's or an argument's name. */
const KINDS: readonly (readonly [RegExp, keyof typeof target.nodes])[] = [
  [/^project|Project$/, "Project"],
  [/^execution|^agentExec|AgentExecution$/, "AgentExecution"],
  [/^pipeline/, "PipelineExecution"],
  [/^integration|Integration$/, "Integration"],
  [/^actor$|^user/, "User"],
  [/ApiKey$/, "ApiKey"],
  [/Delivery$/, "WebhookDelivery"],
  [/ProjectMember$/, "ProjectMember"],
  [/Invitation$/, "Invitation"],
  [/^eventContent$/, "EventContent"],
];

function idFor(field: string, argument: string): unknown {
  if (/^(append|finish)Agent/.test(field)) return target.external;
  if (field === "retryAgentExecution") return target.ended;
  const [, kind] =
    KINDS.find(([name]) => name.test(argument)) ?? KINDS.find(([name]) => name.test(field)) ?? [];
  return target.nodes[kind ?? "Project"];
}

const known: Known = {
  nodes: target.nodes,
  valueOf: (scalar, field, argument) =>
    scalar === "ID" ? idFor(field, argument) : (SCALARS[scalar] ?? TEXTS[argument] ?? `some ${argument}`),
};

interface Answered {
  readonly status: number;
  readonly text: string;
}

async function ask({ document, variables }: Place, value: unknown): Promise<Answered> {
  const streamed = document.startsWith("subscription");
  const response = await fetch(`${edge.url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${accessToken}`,
      ...(streamed && { accept: "text/event-stream" }),
    },
    body: JSON.stringify({ query: document, variables: variables(value) }),
  });
  if (!streamed) return { status: response.status, text: await response.text() };
  const reader = response.body?.getReader();
  const text = new TextDecoder().decode((await reader?.read())?.value);
  await reader?.cancel();
  return { status: response.status, text };
}

/** Whatever it is given it ends the session that the rest is sent with. */
const ENDING = "Mutation.endSessions";

test("no argument of any field takes the server down with a value that nobody expects", async () => {
  const { places, unreached } = placesOf(createSchema(), known);
  // A field of an event, which arguments of its subscription lead to.
  expect(unreached).toEqual(["AIActivitiesRecorded.activities"]);
  expect(places.length).toBeGreaterThan(150);
  const problems: string[] = [];
  const outcomes: Record<string, number> = {};
  for (const place of places.filter(({ name }) => !name.startsWith(ENDING))) {
    for (const value of HOSTILE[place.scalar] ?? []) {
      const { status, text } = await ask(place, value);
      const outcome = /"(?:code|__typename)":"(\w+)"/.exec(text)?.[1] ?? "null";
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (status < 500 && status !== 401 && outcome !== "INTERNAL_SERVER_ERROR") continue;
      problems.push(`${place.name} ${JSON.stringify(value)}: ${status} ${text} ${String(failures.at(-1))}`);
    }
  }
  expect(problems).toEqual([]);
  expect(outcomes.INVALID_INPUT).toBeGreaterThan(0);
  expect(outcomes.InvalidInputError).toBeGreaterThan(100);
  expect(Object.prototype).not.toHaveProperty("isAdmin");
}, 120_000);
