import { z } from "zod";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly (string | number)[];
  readonly additionalProperties?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The schema a reference names. */
export function deref(document: Document, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  if (!name) return schema;
  const found = document.components.schemas[name];
  if (!found) throw new Error(`the document lacks ${schema.$ref}`);
  return found;
}

/** The schema with every reference filled in, and closed: an answer must not carry what nobody declared. */
function closed(document: Document, schema: Schema): Schema {
  const full = deref(document, schema);
  const inner = (one: Schema) => closed(document, one);
  return {
    ...full,
    ...(full.items && { items: inner(full.items) }),
    ...(full.anyOf && { anyOf: full.anyOf.map(inner) }),
    ...(full.properties && {
      properties: Object.fromEntries(
        Object.entries(full.properties).map(([name, one]) => [name, inner(one)]),
      ),
      additionalProperties: full.additionalProperties ?? false,
    }),
  };
}

const validators = new WeakMap<Schema, z.ZodType>();

/** What is wrong with an answer by the document; null when it may be so. */
export function problemOf(
  document: Document,
  operation: Operation,
  answer: { readonly status: number; readonly contentType: string | null; readonly text: string },
): string | null {
  const response = operation.responses[answer.status];
  if (!response) return `status ${answer.status} is not declared`;
  if (!response.content && answer.text === "" && answer.contentType === null) return null;
  const type = answer.contentType?.split(";")[0] ?? "none";
  const schema = response.content?.[type]?.schema;
  if (!schema) return `content type ${type} is not declared for ${answer.status}`;
  let validator = validators.get(schema);
  if (!validator) {
    validator = z.fromJSONSchema(closed(document, schema) as Parameters<typeof z.fromJSONSchema>[0]);
    validators.set(schema, validator);
  }
  const result = validator.safeParse(JSON.parse(answer.text));
  return result.success ? null : `the body breaks its schema: ${z.prettifyError(result.error)}`;
}
