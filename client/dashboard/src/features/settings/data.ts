import { graphql } from "../../api/graphql.ts";

export const SettingsDocument = graphql(`
  query ProjectSettings($slug: String!) {
    project(slug: $slug) {
      id
      name
      slug
      description
      repositoryUrl
      techStack
      status
      isDemo
      viewerRole
      workspaces
      members {
        id
        role
        createdAt
        user {
          id
          name
          email
        }
      }
      integrations {
        id
        provider
        name
        status
        webhookUrl
        lastDeliveryAt
        lastError
        createdAt
        deliveries24h {
          received
          processed
          ignored
          failed
        }
      }
      apiKeys {
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
      }
    }
    workspaces {
      path
      linkedProjects {
        id
      }
    }
  }
`);

export const UpdateProjectDocument = graphql(`
  mutation UpdateProject($input: UpdateProjectInput!) {
    updateProject(input: $input) {
      __typename
      ... on UpdateProjectPayload {
        project {
          id
          name
        }
      }
      ... on InvalidInputError {
        issues {
          path
          message
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const CreateIntegrationDocument = graphql(`
  mutation CreateIntegration($input: CreateIntegrationInput!) {
    createIntegration(input: $input) {
      __typename
      ... on CreateIntegrationPayload {
        secret
        integration {
          id
          webhookUrl
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const DeleteIntegrationDocument = graphql(`
  mutation DeleteIntegration($input: DeleteIntegrationInput!) {
    deleteIntegration(input: $input) {
      __typename
      ... on DeleteIntegrationPayload {
        deletedId
      }
      ... on Error {
        message
      }
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
      ... on InvalidInputError {
        issues {
          path
          message
        }
      }
      ... on Error {
        message
      }
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
      ... on Error {
        message
      }
    }
  }
`);

export const LinkWorkspaceDocument = graphql(`
  mutation LinkWorkspace($input: LinkWorkspaceInput!) {
    linkWorkspace(input: $input) {
      __typename
      ... on LinkWorkspacePayload {
        project {
          id
          workspaces
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const UnlinkWorkspaceDocument = graphql(`
  mutation UnlinkWorkspace($input: UnlinkWorkspaceInput!) {
    unlinkWorkspace(input: $input) {
      __typename
      ... on UnlinkWorkspacePayload {
        project {
          id
          workspaces
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
