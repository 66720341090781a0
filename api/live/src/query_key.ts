import { createHash } from "node:crypto";
import { type DocumentNode, Kind, type OperationDefinitionNode, print, visit } from "graphql";
import { documentId } from "./document.ts";

interface Asked {
  readonly document: DocumentNode;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
}

/** Arguments of a stream that say where to begin, not what to show. */
const POSITIONS = new Set(["after", "tail"]);

interface Known {
  /** By its text: parsed anew it is still the same. */
  readonly id: string;
  /** Variables that only say where to begin. */
  readonly positions: ReadonlySet<string>;
}

const KNOWN = new WeakMap<DocumentNode, Known>();

/** Equal for two requests when they ask the same of a stream, wherever they begin. */
export function queryKey({ document, operationName, variables }: Asked): string {
  const known = KNOWN.get(document) ?? { id: idOf(document), positions: positionsOf(document) };
  KNOWN.set(document, known);
  const asked = Object.entries(variables ?? {}).filter(([name]) => !known.positions.has(name));
  const text = JSON.stringify([known.id, operationName ?? null, canonical(Object.fromEntries(asked))]);
  // Each running operation holds it.
  return createHash("sha256").update(text).digest("base64");
}

function idOf(document: DocumentNode): string {
  return documentId(document.loc?.source.body ?? print(document));
}

/** Variables that stand in a document only as `after` or `tail` of an operation's root field. */
function positionsOf(document: DocumentNode): Set<string> {
  const roots = new Set<unknown>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION)
      for (const node of rootArguments(definition)) roots.add(node);
  }
  const [positions, others] = [new Set<string>(), new Set<string>()];
  visit(document, {
    // Its own definition is no use of a variable.
    VariableDefinition: () => false,
    Argument: (node) => {
      if (!roots.has(node) || node.value.kind !== Kind.VARIABLE) return undefined;
      positions.add(node.value.name.value);
      return false;
    },
    Variable: (node) => void others.add(node.name.value),
  });
  return new Set([...positions].filter((name) => !others.has(name)));
}

function rootArguments({ selectionSet }: OperationDefinitionNode) {
  return selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD
      ? (selection.arguments ?? []).filter(({ name }) => POSITIONS.has(name.value))
      : [],
  );
}

/** With the keys of objects in order, so that equal values have equal texts. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, of]) => [name, canonical(of)]));
}
