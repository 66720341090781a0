import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

graphql(`
  fragment KeyRow on ApiKey {
    id
    name
    prefix
    scopes
    createdAt
    expiresAt
    lastUsedAt
    revokedAt
    createdBy {
      id
      name
    }
    replacedBy {
      id
      prefix
    }
  }
`);

export const CreateKeyDocument = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      __typename
      ... on CreateApiKeyPayload {
        secret
        apiKey {
          id
          scopes
        }
      }
      ...Refusal
    }
  }
`);

export const RotateKeyDocument = graphql(`
  mutation RotateKey($input: RotateApiKeyInput!) {
    rotateApiKey(input: $input) {
      __typename
      ... on RotateApiKeyPayload {
        secret
        apiKey {
          id
        }
      }
      ...Refusal
    }
  }
`);

export const RevokeKeyDocument = graphql(`
  mutation RevokeKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) {
      __typename
      ... on RevokeApiKeyPayload {
        apiKey {
          id
          revokedAt
        }
      }
      ...Refusal
    }
  }
`);
