import { graphql } from "../../api/graphql.ts";

graphql(`
  fragment AuditRow on AuditEntry {
    id
    at
    action
    outcome
    actorType
    userId
    user {
      id
      name
      email
    }
    apiKeyId
    apiKey {
      id
      name
      prefix
    }
    projectId
    project {
      id
      name
      slug
    }
    targetType
    targetId
    sessionId
    address
    userAgent
    requestId
    details
  }
`);

export const AuditDocument = graphql(`
  query Audit($projectId: ID, $filter: AuditEntryFilter, $first: Int, $after: String) {
    auditEntries(projectId: $projectId, filter: $filter, first: $first, after: $after) {
      edges {
        node {
          ...AuditRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
