import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { VisibleModel } from "./visible.ts";

/** Rows of these belong to one project, and whoever has the permission there sees all of them alike. */
const OF_PROJECT: ReadonlySet<VisibleModel | "parent"> = new Set([
  "AIActivity",
  "AgentExecution",
  "Commit",
  "Deployment",
  "Environment",
  "PipelineExecution",
  "PipelineJob",
  "PullRequest",
  "Repository",
  "parent",
]);

/** Object types whose fields may be shared; one that is not named here is made for each viewer. */
const SHARED_TYPES = new Set([
  "AIActivity",
  "AgentExecution",
  "AgentStep",
  "ApiKey",
  "CodeChange",
  "Commit",
  "Deployment",
  "Environment",
  "PipelineExecution",
  "PipelineJob",
  "PipelineStep",
  "PullRequest",
  "Repository",
  "TokenUsage",
  "User",
]);

const EVENTS = new Set(["AgentExecutionEvent", "PipelineExecutionEvent", "ProjectEvent"]);

const KNOWN = new WeakMap<DocumentNode, Map<string | null, boolean>>();

/** Marks a field whose value depends on the viewer beyond his access to the project of its object. */
export const OF_VIEWER = { viewer: true } as const;

/**
 * Whether the results of a subscription are the same for everybody with the same access to the stream's project.
 * Deny by default: every type that it touches has to be known for it.
 */
export function isShared(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): boolean {
  const known = KNOWN.get(document) ?? new Map<string | null, boolean>();
  KNOWN.set(document, known);
  const shared = known.get(operationName) ?? judge(schema, document, operationName);
  known.set(operationName, shared);
  return shared;
}

function judge(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): boolean {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== "subscription") return false;
  let shared = true;
  const types = new TypeInfo(schema);
  const whole = { ...document, definitions: reachable(document, operation) };
  visit(
    whole,
    visitWithTypeInfo(types, {
      Field: (node) => {
        const [parent, field] = [types.getParentType(), types.getFieldDef()];
        if (node.name.value.startsWith("__")) return;
        shared &&= field != null && parent != null && sharedField(schema, parent.name, field);
      },
    }),
  );
  return shared;
}

/** The operation with the fragments of its document. */
function reachable(document: DocumentNode, operation: OperationDefinitionNode) {
  return [operation, ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)];
}

function sharedField(
  schema: GraphQLSchema,
  parent: string,
  { extensions, type }: GraphQLField<unknown, unknown>,
): boolean {
  if (extensions.viewer) return false;
  const { visibility } = extensions;
  if (visibility !== undefined && !OF_PROJECT.has(visibility as VisibleModel)) return false;
  if (parent === schema.getSubscriptionType()?.name) return true;
  const named = getNamedType(type);
  return isSharedType(schema, parent) && (isLeafType(named) || isSharedType(schema, named.name));
}

function isSharedType(schema: GraphQLSchema, name: string): boolean {
  if (SHARED_TYPES.has(name) || EVENTS.has(name)) return true;
  const type = schema.getType(name);
  if (isObjectType(type)) return isEvent(type) || isBatch(schema, name);
  if (isUnionType(type)) return type.getTypes().every((member) => isSharedType(schema, member.name));
  return isInterfaceType(type) && EVENTS.has(name);
}

function isEvent(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some(({ name }) => EVENTS.has(name));
}

function isBatch(schema: GraphQLSchema, name: string): boolean {
  const roots = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
  return roots.some((field) => getNamedType(field.type).name === name);
}
