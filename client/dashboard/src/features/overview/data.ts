import { graphql } from "../../api/graphql.ts";

// Statuses are enums of three types: each has an alias, since one field of a union has one type.
export const OverviewDocument = graphql(`
  query Overview {
    overview {
      running {
        __typename
        ... on AgentExecution {
          id
          runStatus: status
          agentType
          taskDescription
          startedAt
          createdAt
          lastLine
          project {
            id
            slug
            name
          }
        }
        ... on PipelineExecution {
          id
          pipelineStatus: status
          pipelineName
          title
          branch
          startedAt
          createdAt
          project {
            id
            slug
            name
          }
        }
      }
      failures {
        __typename
        ... on AgentExecution {
          id
          taskDescription
          agentType
          errorMessage
          completedAt
          createdAt
          project {
            id
            name
          }
        }
        ... on PipelineExecution {
          id
          pipelineName
          title
          failureReason
          completedAt
          createdAt
          project {
            id
            name
          }
        }
        ... on Deployment {
          id
          description
          deploymentRef: ref
          completedAt
          createdAt
          environment {
            id
            name
          }
          pipeline {
            id
          }
          project {
            id
            name
            slug
          }
        }
      }
      spend {
        today
        unpriced
        days {
          date
          cost
        }
        byTool {
          tool
          cost
          activities
        }
      }
      shipped {
        id
        commitSha
        ref
        description
        completedAt
        createdAt
        url
        environment {
          id
          name
        }
        pipeline {
          id
        }
        project {
          id
          slug
          name
        }
      }
    }
  }
`);

/** Only what the last line needs, from the live edge on. */
export const LastLineDocument = graphql(`
  subscription LastLine($id: ID!, $after: String, $tail: Int) {
    agentExecutionEvents(id: $id, after: $after, tail: $tail) {
      cursor
      caughtUp
      reset
      events {
        __typename
        seq
        at
        ... on AgentTextDelta {
          messageId
          text
        }
        ... on AgentMessage {
          messageId
          text
        }
        ... on AgentToolCallStarted {
          tool
          arguments
        }
      }
    }
  }
`);
