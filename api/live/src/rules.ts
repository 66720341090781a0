import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLSchema,
  type InlineFragmentNode,
  MaxIntrospectionDepthRule,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationContext,
  validate,
} from "graphql";

/** What a document may hold, before anything is known of what it means. */
export const DOCUMENT_LIMITS = {
  /** Larger values are variables. */
  characters: 32 * 1024,
  tokens: 2_000,
  aliases: 30,
  directives: 20,
  /** Of fragments, and uses of them: each pair may be compared. */
  fragments: 50,
  spreads: 100,
  /** Selections; also what comparing fields that merge may cost. */
  fields: 500,
} as const;

/** Errors of a document that are told: a thousand lines would serve nobody. */
const MAX_ERRORS = 20;

/** Counted over the whole text, fragments once: how often those are spread is a matter of complexity. */
function countRule(context: ValidationContext): ASTVisitor {
  const counts = { aliases: 0, directives: 0, fragments: 0, spreads: 0, fields: 0 };
  const count = (what: keyof typeof counts) => {
    if (++counts[what] !== DOCUMENT_LIMITS[what] + 1) return;
    const message = `A document has at most ${DOCUMENT_LIMITS[what]} ${what}.`;
    context.reportError(new GraphQLError(message, { extensions: { code: "DOCUMENT_TOO_LARGE" } }));
  };
  return {
    Field: (node) => {
      count("fields");
      if (node.alias) count("aliases");
    },
    Directive: () => count("directives"),
    FragmentDefinition: () => count("fragments"),
    FragmentSpread: () => count("spreads"),
  };
}

/** A stream is opened or not asked for: execution takes a root field that is left out for a fault of the server. */
function wholeRootRule(context: ValidationContext): ASTVisitor {
  const root = context.getSchema().getSubscriptionType();
  const look = ({ directives = [] }: FieldNode | FragmentSpreadNode | InlineFragmentNode) => {
    if (!root || context.getParentType() !== root) return;
    const condition = directives.find(({ name }) => name.value === "skip" || name.value === "include");
    const message = "What a subscription asks for is not left out by a directive.";
    if (condition) context.reportError(new GraphQLError(message, { nodes: condition }));
  };
  return { Field: look, FragmentSpread: look, InlineFragment: look };
}

/** Why a document that parsed is not valid; empty: it is. What is too large is not compared any further. */
export function violations(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const first = validate(schema, document, [countRule, MaxIntrospectionDepthRule, wholeRootRule]);
  return first.length > 0 ? first : validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS });
}

/** Where a valid document asks for the schema itself. */
export function introspections(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, [NoSchemaIntrospectionCustomRule]);
}

/** Of a message that repeats what was sent (characters). */
const TOLD = { first: 600, last: 200 } as const;
const HINT = "Did you mean ";

/**
 * graphql-js names what it has in the place of what was asked, at the end of a message: that would spell out a schema
 * that is not shown. Values that a message repeats may be as long as a request, and say anything.
 */
export function withoutHints(message: string): string {
  const at = message.lastIndexOf(HINT);
  const said = at >= 0 && message.endsWith("?") ? message.slice(0, at).trimEnd() : message;
  if (said.length <= TOLD.first + TOLD.last) return said;
  return `${said.slice(0, TOLD.first)}…${said.slice(-TOLD.last)}`;
}
