import { graphql } from "../../api/graphql.ts";

graphql(`
  fragment AIActivityRow on AIActivity {
    id
    tool
    category
    model
    prompt
    cost
    linesAdded
    linesRemoved
    occurredAt
    usage {
      inputTokens
      outputTokens
    }
    user {
      id
      name
    }
    apiKey {
      id
      name
    }
  }
`);

export const ActivitiesDocument = graphql(`
  query Activities($projectId: ID!, $tool: String, $first: Int, $after: String) {
    aiActivities(projectId: $projectId, tool: $tool, first: $first, after: $after) {
      edges {
        node {
          ...AIActivityRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const ActivityDocument = graphql(`
  query Activity($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on AIActivity {
        ...AIActivityRow
        response
        decision
        costReported
        costComputed
        sessionId
        commitSha
        createdAt
        project {
          id
          slug
          name
        }
        commit {
          id
          shortSha
          subject
          url
        }
        codeChanges {
          path
          diff
          added
          removed
        }
        usage {
          inputTokens
          cacheReadTokens
          cacheWrite5mTokens
          cacheWrite1hTokens
          outputTokens
          reasoningTokens
        }
      }
    }
  }
`);
