import { decodeId, decodeIdAs, encodeId, type IdType, NotFoundError } from "@shiplog/core";

/** Of a row's key within its type: one UUID, or two joined by a colon (a membership). */
const SEPARATOR = ":";

/** For the relay plugin: the public id of a node. */
export function toGlobalId(typename: string, id: string | number | bigint): string {
  return encodeId(typename as IdType, ...String(id).split(SEPARATOR));
}

/** For the relay plugin; a text that is no id names no type, and `node` answers null. */
export function fromGlobalId(globalId: string): { typename: string; id: string } {
  const decoded = decodeId(globalId);
  return decoded
    ? { typename: decoded.type, id: decoded.uuids.join(SEPARATOR) }
    : { typename: "", id: globalId };
}

/** The UUID behind an argument, for queries: null when it is no id of that type. */
export function uuidOrNull(type: IdType, id: string | null | undefined): string | null {
  return id ? decodeIdAs(type, id) : null;
}

const NAMES: Partial<Record<IdType, string>> = {
  AgentExecution: "agent execution",
  ApiKey: "API key",
  PipelineExecution: "pipeline execution",
  ProjectMember: "member",
  WebhookDelivery: "delivery",
};

/** The UUID behind an argument, for mutations: an id of another type names nothing. */
export function uuidOf(type: IdType, id: string): string {
  const uuid = decodeIdAs(type, id);
  if (!uuid) throw new NotFoundError(NAMES[type] ?? type.toLowerCase());
  return uuid;
}
