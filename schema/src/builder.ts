import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import ErrorsPlugin from "@pothos/plugin-errors";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import ValidationPlugin from "@pothos/plugin-validation";
import type { Permission } from "@shiplog/core/account";
import type PrismaTypes from "@shiplog/db/pothos";
import { getDatamodel } from "@shiplog/db/pothos";
import type { GraphQLContext } from "./context.ts";
import { authScopes, unauthorizedError } from "./shared/access.ts";
import { complexityOptions } from "./shared/complexity.ts";
import { fromGlobalId, toGlobalId } from "./shared/ids.ts";
import { relayDescriptions } from "./shared/relay.ts";
import { validationError } from "./shared/validation.ts";

export interface SchemaTypes {
  Context: GraphQLContext;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    BigInt: { Input: bigint; Output: bigint };
    USD: { Input: bigint; Output: bigint };
  };
  AuthScopes: {
    /** For everybody, signed in or not; every such field is meant to be. */
    public: boolean;
    /** A person or a key; not a stream token, which is let in by `stream` alone. */
    signedIn: boolean;
    /** A person, not a key. */
    person: boolean;
    /** For a key: its scopes hold the permission. A person's role is looked up in core, per project. */
    can: Permission;
    /** As `can`, and for a stream token that was made for this. */
    stream: Permission;
  };
}

/** The builder's own view of the above, for helpers that take field builders. */
export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/**
 * The order matters: `errors` stands outside of access and validation, so that a mutation answers their failures
 * as union members.
 */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [
    ErrorsPlugin,
    ComplexityPlugin,
    ScopeAuthPlugin,
    RelayPlugin,
    PrismaPlugin,
    DataloaderPlugin,
    ValidationPlugin,
  ],
  defaultFieldNullability: false,
  prisma: {
    client: (ctx: GraphQLContext) => ctx.core.db as never,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
  },
  scopeAuth: { authorizeOnSubscribe: true, authScopes, unauthorizedError },
  relay: {
    ...relayDescriptions,
    encodeGlobalID: toGlobalId,
    decodeGlobalID: fromGlobalId,
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
  errors: {
    directResult: true,
    unsafelyHandleInputErrors: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName[0]?.toUpperCase()}${fieldName.slice(1)}Result`,
    },
  },
  validation: { validationError },
  complexity: complexityOptions,
});
