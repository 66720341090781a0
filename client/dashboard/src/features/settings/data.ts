import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";
import "../key/data.ts";

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
        ...KeyRow
      }
      invitations {
        id
        email
        role
        createdAt
        expiresAt
        createdBy {
          id
          name
        }
      }
      retention {
        privacyMode
        contentDays
        eventDays
        deliveryDays
        auditDays
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
      ...Refusal
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
      ...Refusal
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
      ...Refusal
    }
  }
`);

export const UpdateRetentionDocument = graphql(`
  mutation UpdateRetention($input: UpdateProjectRetentionInput!) {
    updateProjectRetention(input: $input) {
      __typename
      ... on UpdateProjectRetentionPayload {
        retention {
          privacyMode
        }
      }
      ...Refusal
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
      ...Refusal
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
      ...Refusal
    }
  }
`);
