import type { CodegenConfig } from "@graphql-codegen/cli";
import { type DocumentNode, Kind, type SelectionSetNode, visit } from "graphql";

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } } as const;

/** Adds the name of the type to every object of an answer but the operation's own. */
function withTypenames<D extends { document?: DocumentNode }>({ documents }: { documents: D[] }): D[] {
  const add = (node: SelectionSetNode, parent: unknown): SelectionSetNode | undefined => {
    const known = node.selections.some((one) => one.kind === Kind.FIELD && one.name.value === "__typename");
    const isRoot = (parent as { kind?: string }).kind === Kind.OPERATION_DEFINITION;
    return known || isRoot ? undefined : { ...node, selections: [TYPENAME, ...node.selections] };
  };
  return documents.map((file) => ({
    ...file,
    document:
      file.document && visit(file.document, { SelectionSet: (node, _key, parent) => add(node, parent) }),
  }));
}

/** Types of the dashboard, from the committed schema only: the client never reads server code. */
const config: CodegenConfig = {
  schema: "schema/schema.graphql",
  documents: ["client/dashboard/src/**/*.{ts,tsx}", "!client/dashboard/src/gql/**"],
  generates: {
    "client/dashboard/src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      // The document cache knows an answer by the types in it; a document that is sent by its hash is as it stands here.
      documentTransforms: [{ transform: withTypenames }],
      config: {
        documentMode: "string",
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { ID: "string", DateTime: "string", JSON: "unknown", BigInt: "string", USD: "string" },
      },
    },
  },
};

export default config;
