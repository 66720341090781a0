import { type Context, decodeId, encodeId, type IdType } from "@shiplog/core";
import { decodeCursor, encodeCursor } from "@shiplog/core/live";
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from "graphql";
import type { Values } from "./generate.ts";
import type { Caller } from "./people.ts";
import type { Target } from "./target.ts";

/** Where cursors of a tenant lead: into its pages, and into its streams. */
export interface Cursors {
  readonly pages: readonly string[];
  readonly streams: readonly string[];
}

interface Tenant extends Target {
  readonly cursors: Cursors;
  /** What names something of it without being an id, by the names of the arguments it may stand in. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface Tenants {
  readonly ctx: Context;
  readonly callers: readonly Caller[];
  readonly ours: Tenant;
  readonly theirs: Tenant;
}

/** Of the argument's name, or of the field for `id`; anything else is tried with ids of every type. */
const TYPES: Readonly<Record<string, IdType>> = {
  projectId: "Project",
  executionId: "AgentExecution",
  pipelineId: "PipelineExecution",
  integrationId: "Integration",
  actor: "User",
  agentExecution: "AgentExecution",
  agentExecutionEvents: "AgentExecution",
  pipelineExecution: "PipelineExecution",
  pipelineExecutionEvents: "PipelineExecution",
  project: "Project",
  eventContent: "EventContent",
  revokeApiKey: "ApiKey",
  rotateApiKey: "ApiKey",
  deleteProject: "Project",
  updateProject: "Project",
  deleteIntegration: "Integration",
  cancelAgentExecution: "AgentExecution",
  retryAgentExecution: "AgentExecution",
  finishAgentExecution: "AgentExecution",
  appendAgentExecutionEvents: "AgentExecution",
  endSession: "Session",
  unlinkIdentity: "UserIdentity",
  reprocessDelivery: "WebhookDelivery",
  removeProjectMember: "ProjectMember",
  updateProjectMember: "ProjectMember",
  updateUser: "User",
  revokeInvitation: "Invitation",
};

/** Public ids by type. */
function idsOf({ nodes, session, identity }: Target): Readonly<Record<string, string>> {
  return { ...nodes, Session: session, UserIdentity: identity };
}

/** What of theirs an operation was given, by what stands for it in the twin; and in which arguments. */
export class Swaps {
  readonly missing = new Map<string, string>();
  readonly places = new Set<string>();

  add(place: string, foreign: string, missing: () => string): string {
    if (!this.missing.has(foreign)) this.missing.set(foreign, missing());
    this.places.add(place);
    return foreign;
  }

  /** The same with what names nothing in the place of theirs. */
  replaced<T>(value: T): T {
    let text = JSON.stringify(value);
    for (const [foreign, missing] of this.missing) text = text.replaceAll(foreign, missing);
    return JSON.parse(text);
  }
}

/** `own`: how often a value is of the caller's own tenant. */
export function valuesOf({ ctx, ours, theirs }: Tenants, swaps: Swaps, own = 0.35): Values {
  const [mine, foreign] = [idsOf(ours), idsOf(theirs)];
  const types = Object.keys(mine);
  return {
    id(random, field, argument) {
      const wanted = TYPES[argument] ?? TYPES[field] ?? random.pick(types);
      const type = random.chance(0.9) ? wanted : random.pick(types);
      if (random.chance(own)) return mine[type] ?? "";
      const id = foreign[type] ?? "";
      const parts = decodeId(id)?.uuids ?? [];
      return swaps.add(`${field}.${argument}`, id, () =>
        encodeId(type as IdType, ...parts.map(() => ctx.newId())),
      );
    },
    cursor(random, field, argument) {
      if (random.chance(0.05)) return "nonsense";
      const kind = /events$/i.test(field) === random.chance(0.9) ? "streams" : "pages";
      if (random.chance(own)) return random.pick(ours.cursors[kind]);
      const cursor = random.pick(theirs.cursors[kind]);
      return swaps.add(`${field}.${argument}`, cursor, () => neighbour(cursor));
    },
    text(random, field, argument) {
      // A slug is unique in the installation, and a new project that wants one is told so.
      if (field === "createProject") return undefined;
      const text = theirs.texts[argument];
      if (text === undefined) return undefined;
      if (random.chance(own)) return ours.texts[argument];
      return swaps.add(`${field}.${argument}`, text, () => text.replace(/.$/, "~"));
    },
  };
}

/** For every other turn an operation's first id, which says what it is about, is of the caller's own tenant. */
export function valuesInTurn(tenants: Tenants, swaps: Swaps, turn: number): Values {
  if (turn % 2 === 1) return valuesOf(tenants, swaps);
  const [home, abroad] = [valuesOf(tenants, swaps, 1), valuesOf(tenants, swaps)];
  let begun = false;
  return {
    ...abroad,
    id(...of) {
      const { id } = begun ? abroad : home;
      begun = true;
      return id(...of);
    },
  };
}

/** A cursor of the same place that was never given out: of no stream, or behind no row. */
function neighbour(cursor: string): string {
  const position = decodeCursor(cursor);
  if (position) return encodeCursor({ ...position, streamId: flipped(position.streamId) });
  return Buffer.from(flipped(Buffer.from(cursor, "base64url").toString())).toString("base64url");
}

/** Its last bit: no other id lies between, so that whatever is sorted by ids stays as it is. */
function flipped(text: string): string {
  return text.slice(0, -1) + (Number.parseInt(text.slice(-1), 16) ^ 1).toString(16);
}

/** Where an id or a cursor may stand in the schema, as field.argument; input fields as arguments of their mutation. */
export function swappablePlaces(schema: GraphQLSchema): string[] {
  const places = new Set<string>();
  const visit = (field: string, { name, type }: GraphQLArgument | GraphQLInputField) => {
    const named = getNamedType(type);
    if (isInputObjectType(named)) for (const inner of Object.values(named.getFields())) visit(field, inner);
    else if (named.name === "ID" || name === "after" || name === "before") places.add(`${field}.${name}`);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) for (const arg of field.args) visit(field.name, arg);
  }
  return [...places].sort();
}
