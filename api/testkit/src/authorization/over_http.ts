import { openSocket } from "../socket.ts";
import { EventReader } from "../sse.ts";
import { generate, type Random } from "./generate.ts";
import type { Caller } from "./people.ts";
import type { Asking } from "./swap.ts";
import { type Swaps, type Tenants, valuesInTurn, valuesOf } from "./values.ts";

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/**
 * GraphQL and REST at a running server. What is changed there stays so: only changes of what is theirs are asked
 * for, which must not happen.
 */
export function overHttp(tenants: Tenants, url: string): Asking<HttpRequest> {
  return {
    lanes: 1,
    make(random, swaps, turn) {
      const at = random.next();
      if (at < 0.2) return restRequest(random, tenants, swaps);
      const kind = at < 0.4 ? "mutation" : "query";
      const values = kind === "mutation" ? valuesOf(tenants, swaps, 0) : valuesInTurn(tenants, swaps, turn);
      const { document, variables } = generate(random, values, kind);
      if (kind === "mutation" && swaps.missing.size === 0) return null;
      if ((document.match(ALIAS)?.length ?? 0) > MOST_ALIASES) return null;
      return { method: "POST", path: "/graphql", body: { query: document, variables } };
    },
    async answer(caller, { method, path, body }) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...authorization(caller), ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return seenOf(response);
    },
  };
}

/** What the edge takes; a document that it refuses shows nothing either way. */
const MOST_ALIASES = 30;
const ALIAS = /\w: \w/g;

/** The routes that are given ids by whoever has signed in. */
function restRequest(random: Random, tenants: Tenants, swaps: Swaps): HttpRequest {
  const values = valuesOf(tenants, swaps, 0);
  if (random.chance(0.5)) {
    const id = values.id(random, "endSession", "id");
    return { method: "DELETE", path: `/api/v1/auth/sessions/${id}` };
  }
  const projectId = values.id(random, "analyze", "projectId");
  const path = random.chance(0.5) ? tenants.theirs.path : "/srv/other";
  return { method: "POST", path: "/api/v1/agents/analyze", body: { projectId, path } };
}

function authorization({ token }: Caller): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** Without the reference of the request, which is another each time. */
async function seenOf(response: Response): Promise<object> {
  const text = await response.text();
  const reference = response.headers.get("x-request-id");
  const body = reference ? text.replaceAll(reference, "") : text;
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: body && JSON.parse(body),
  };
}

interface StreamRequest {
  readonly transport: "ws" | "sse";
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Streams of a running server: the first that comes of each. */
export function overStreams(tenants: Tenants, url: string): Asking<StreamRequest> {
  return {
    lanes: 4,
    make(random, swaps, turn) {
      const values = valuesInTurn(tenants, swaps, turn);
      const { document, variables } = generate(random, values, "subscription");
      return { transport: random.pick(["ws", "sse"]), query: document, variables };
    },
    answer: (caller, { transport, query, variables }) =>
      transport === "ws"
        ? firstOfSocket(url, caller, { query, variables })
        : firstOfEvents(url, caller, { query, variables }),
  };
}

type Subscription = Pick<StreamRequest, "query" | "variables">;

async function firstOfSocket(
  url: string,
  caller: Caller,
  { query, variables }: Subscription,
): Promise<unknown> {
  const client = await openSocket(`${url}/graphql`, { params: authorization(caller) });
  const greeting = await client.control.next();
  if (greeting?.type !== "connection_ack") return client.closed;
  const first = await client.subscribe(query, variables).next();
  await client.close();
  return first;
}

async function firstOfEvents(url: string, caller: Caller, body: Subscription): Promise<unknown> {
  const abort = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { ...authorization(caller), accept: "text/event-stream", "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: abort.signal,
  });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return seenOf(response);
  const events = new EventReader(response, abort);
  const first = await events.message();
  events.close();
  return first;
}
