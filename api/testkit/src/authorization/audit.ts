import { createHmac } from "node:crypto";
import { type Actor, keyIdOf, principalOf } from "@shiplog/core";
import type { AuditEntry } from "@shiplog/db";
import type { RestApp } from "@shiplog/ingest";
import type { TestDatabase } from "../database.ts";

/** From where every request comes. */
export const ADDRESS = "192.0.2.9";
const AGENT = "tests";

/** What an entry has to say; where it came from is checked of each. */
export interface Expected {
  readonly action: string;
  readonly outcome: "succeeded" | "refused" | "failed";
  /** Who; null: nobody in particular. */
  readonly actor?: Actor | null;
  readonly actorType?: string;
  /** UUID; null unless said. */
  readonly projectId?: string | null;
  /** Null: the attempt found none. */
  readonly target: string | null;
}

export interface Request {
  readonly path?: string;
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The part of an answer that a call looks at. */
interface Answer {
  readonly data: { readonly accessToken: string; readonly refreshToken: string };
}

/** One request, and what it leaves in the audit log. */
export interface Call {
  readonly what: string;
  readonly status: number;
  readonly request: () => Request | Promise<Request>;
  readonly leaves: (answer: Answer) => readonly Expected[] | Promise<readonly Expected[]>;
  /** Why it is not one entry; absent when it is one. */
  readonly why?: string;
}

type Leaves = (answer: Answer) => Expected | Promise<Expected>;

/** A call that leaves one entry. */
export function one(what: string, status: number, request: Call["request"], entry: Leaves): Call {
  return { what, status, request, leaves: async (answer) => [await entry(answer)] };
}

/** A call that leaves none, and why that is right. */
export function nothing(what: string, status: number, request: Call["request"], why: string): Call {
  return { what, status, request, leaves: () => [], why };
}

/** The entry of a sign-in. */
export function session(outcome: Expected["outcome"], more: Partial<Expected> = {}): Expected {
  return { action: "session.create", outcome, target: null, ...more };
}

/** The entry of a session that ends. */
export function ended(outcome: Expected["outcome"], more: Partial<Expected>): Expected {
  return { action: "session.end", outcome, target: "Session", ...more };
}

/** A table that each action writes to. */
const TABLES: Readonly<Record<string, string>> = {
  "agent_execution.start": "agent_execution",
  "delivery.receive": "webhook_delivery",
  "invitation.accept": "invitation",
  "password.reset": '"user"',
  "password_reset.request": "password_reset",
  "session.create": "session",
  "session.end": "session",
  "sessions.end": "session",
};

function rowOf({ action, outcome, actor = null, actorType, projectId = null, target }: Expected) {
  const principal = actor && principalOf(actor);
  return {
    action,
    outcome,
    actorType: actorType ?? actor?.type ?? "anonymous",
    userId: principal?.type === "user" || principal?.type === "key" ? principal.userId : null,
    sessionId: principal?.type === "user" ? principal.sessionId : null,
    apiKeyId: actor && keyIdOf(actor),
    projectId,
    targetType: target,
    address: ADDRESS,
    userAgent: AGENT,
  };
}

const NOTHING = rowOf({ action: "", outcome: "failed", target: null });

export interface Sent {
  readonly status: number;
  readonly body: Answer;
  /** What the request left in the audit log. */
  readonly entries: readonly AuditEntry[];
}

/** Sends requests to the routes and reads what each leaves in the audit log. */
export function auditReader(app: RestApp, { db }: TestDatabase) {
  const send = async (operation: string, { path, token, body, headers }: Request): Promise<Sent> => {
    const [method = "", template = ""] = operation.split(" ");
    const response = await app.request(path ?? template, {
      method,
      headers: {
        "user-agent": AGENT,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const requestId = response.headers.get("x-request-id") ?? "";
    const entries = await db.auditEntry.findMany({ where: { requestId }, orderBy: { id: "asc" } });
    return { status: response.status, body: (await response.json()) as Answer, entries };
  };

  /** Whether the transaction that wrote the entry, which is on every row of it, wrote what it tells of. */
  const isOfItsTransaction = async ({ id, action }: AuditEntry): Promise<boolean> => {
    const [found] = await db.$queryRawUnsafe<{ same: boolean }[]>(
      `SELECT EXISTS (SELECT FROM ${TABLES[action]} t WHERE t.xmin::text = e.xmin::text) AS same
       FROM audit_entry e WHERE e.id = $1::uuid`,
      id,
    );
    return found?.same === true;
  };

  /** Sends the request of a call: what came of it, beside what should. */
  const check = async (operation: string, { request, status, leaves }: Call) => {
    const sent = await send(operation, await request());
    const wanted = (await leaves(sent.body)).map(rowOf);
    const got = sent.entries.map((entry) =>
      Object.fromEntries(Object.keys(NOTHING).map((key) => [key, Reflect.get(entry, key)])),
    );
    const apart: string[] = [];
    for (const entry of sent.entries) {
      if (entry.outcome === "succeeded" && !(await isOfItsTransaction(entry))) apart.push(entry.action);
    }
    return {
      got: { status: sent.status, entries: got, apart },
      wanted: { status, entries: wanted, apart: [] },
    };
  };
  return { send, check };
}

/** A delivery to an integration (its public id), signed with a secret. */
export function delivery(integration: string, secret: string, number: number): Request {
  const body = { zen: "Keep it logically awesome.", hook_id: 1 };
  const signature = createHmac("sha256", secret).update(JSON.stringify(body)).digest("hex");
  return {
    path: `/api/v1/webhooks/github/${integration}`,
    body,
    headers: {
      "x-github-event": "ping",
      "x-github-delivery": `7a1f0c1e-0000-4000-8000-${String(number).padStart(12, "0")}`,
      "x-hub-signature-256": `sha256=${signature}`,
    },
  };
}
