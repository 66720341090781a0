import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types of the dashboard, from the committed schema only: the client never reads server code. */
const config: CodegenConfig = {
  schema: "schema/schema.graphql",
  documents: ["client/dashboard/src/**/*.{ts,tsx}", "!client/dashboard/src/gql/**"],
  generates: {
    "client/dashboard/src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
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
